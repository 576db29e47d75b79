import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { codeBlocks, isCommands, isSettings, type CodeBlock } from './support/code-blocks.js';
import { commandsOf, missingLine } from './support/commands.js';
import { Workspace } from './support/workspace.js';

/** In the order in which somebody new reads them: a page may build on the installation that those before it made. */
const FIRST = ['README.md', 'docs/getting-started.md', 'docs/migrate-a-legacy-login.md'];

/** Pages that begin with an installation of their own. */
const OWN_INSTALLATION = new Set(['docs/operations.md']);

/** What the other pages take for granted: the command, and the first administrator of the page about the start. */
const INSTALLED = [
  'export PATH="$PWD/node_modules/.bin:$PATH"',
  'CLIENT_ID=latchkey-admin',
  'CLIENT_SECRET=$(cat admin-secret || true)',
].join('\n');

const pages = [
  ...new Set([
    ...FIRST,
    ...readdirSync('docs')
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
    'libs/resource-server/README.md',
  ]),
];

const blocksOf = (page: string): CodeBlock[] => codeBlocks(page).filter(isCommands);
const isRun = (block: CodeBlock): boolean => block.notRun === null && !isSettings(block);
const runPages = pages.filter((page) => blocksOf(page).some(isRun));

describe('The commands of the pages', () => {
  let shared: Workspace;
  const own: Workspace[] = [];

  beforeAll(async () => {
    shared = await Workspace.create();
  });

  afterAll(async () => {
    for (const workspace of [shared, ...own]) await workspace.remove();
  });

  const workspaceOf = async (page: string): Promise<Workspace> => {
    if (!OWN_INSTALLATION.has(page)) return shared;
    const workspace = await Workspace.create();
    own.push(workspace);
    await workspace.run([INSTALLED, 'latchkey migrate']);
    return workspace;
  };

  it.each(runPages)(
    'do what %s says',
    async (page) => {
      const all = blocksOf(page);
      const blocks = all.filter(isRun);
      const commands = blocks.map((block) => commandsOf(block, all[all.indexOf(block) - 1]));
      const workspace = await workspaceOf(page);
      const preamble = FIRST.includes(page) ? [] : [INSTALLED];
      const { parts, status } = await workspace.run([...preamble, ...commands.map(({ script }) => script)]);
      const outputs = parts.slice(preamble.length);
      if (status !== 0) {
        const failed = blocks[outputs.length - 1];
        throw new Error(`${page}:${failed?.line ?? 'start'} ended with ${status}:\n${parts.at(-1) ?? ''}`);
      }
      blocks.forEach((block, index) => {
        const missing = missingLine(commands[index]?.expected ?? [], outputs[index] ?? '');
        if (missing === null) return;
        throw new Error(`${page}:${block.line} did not print\n${missing}\nbut\n${outputs[index] ?? ''}`);
      });
    },
    120_000,
  );

  it('that are not run say why', () => {
    const notRun = pages.flatMap(blocksOf).filter(({ notRun: reason }) => reason !== null);
    const list = notRun.map(({ page, line, notRun: reason }) => `${page}:${line} ${reason ?? ''}`);
    process.stdout.write(`Not run:\n${list.map((line) => `  ${line}\n`).join('')}`);
    expect(list.length).toBeLessThan(pages.flatMap(blocksOf).length / 2);
  });
});
