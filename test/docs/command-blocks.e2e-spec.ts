import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { codeBlocks, isCommands, isSettings, PAGES, type CodeBlock } from './support/code-blocks.js';
import { commandsOf, missingLine } from './support/commands.js';
import { LocalRegistry } from './support/local-registry.js';
import { Workspace } from './support/workspace.js';

/** In the order in which somebody new reads them: a page may build on the installation that those before it made. */
const FIRST = ['README.md', 'docs/getting-started.md', 'docs/migrate-a-legacy-login.md'];

/** Pages that begin with an installation of their own: a clone that nothing has run in. */
const OWN_INSTALLATION = new Set(['docs/operations.md', 'docs/protect-your-api.md']);

const CLONE = 'git clone <this repository> latchkey';

const pages = [...new Set([...FIRST, ...PAGES])];

const blocksOf = (page: string): CodeBlock[] => codeBlocks(page).filter(isCommands);
const isRun = (block: CodeBlock): boolean => block.notRun === null && !isSettings(block);
const runPages = pages.filter((page) => blocksOf(page).some(isRun));

describe('The commands of the pages', () => {
  let registry: LocalRegistry;
  let shared: Workspace;
  const own: Workspace[] = [];

  beforeAll(async () => {
    registry = await LocalRegistry.start();
    shared = await Workspace.create(registry.url);
  });

  afterAll(async () => {
    for (const workspace of [shared, ...own]) await workspace.remove();
    registry.stop();
  });

  const workspaceOf = async (page: string): Promise<Workspace> => {
    if (!OWN_INSTALLATION.has(page)) return shared;
    const workspace = await Workspace.create(registry.url);
    own.push(workspace);
    await workspace.run([CLONE]);
    return workspace;
  };

  it.each(runPages)(
    'do what %s says',
    async (page) => {
      const all = blocksOf(page);
      const blocks = all.filter(isRun);
      const commands = blocks.map((block) => commandsOf(block, all[all.indexOf(block) - 1]));
      const workspace = await workspaceOf(page);
      const { parts: outputs, status } = await workspace.run(commands.map(({ script }) => script));
      if (status !== 0) {
        const failed = blocks[outputs.length - 1];
        throw new Error(`${page}:${failed?.line ?? 'start'} ended with ${status}:\n${outputs.at(-1) ?? ''}`);
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
