import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import { codeBlocks, PAGES, type CodeBlock } from './support/code-blocks.js';

/** What fragments leave out because their readers have it: imports, and the application around them. */
const AROUND = readFileSync('test/docs/support/around-fragments.txt', 'utf8');
/** Blocks with a title are files; they are compiled and run by the tests of their pages. */
const fragments = PAGES.flatMap(codeBlocks).filter(
  ({ language, title }) => language === 'ts' && title === null,
);

const pathOf = ({ page, line }: CodeBlock) => resolve(`${page.replaceAll('/', '-')}-${line}.mts`);

/** Options become those of an object, and a method one of a class. */
function moduleOf({ text }: CodeBlock): string {
  const options = /^\w+: /m.exec(text);
  if (options !== null) {
    const before = text.slice(0, options.index);
    return `${AROUND}${before}export const options: Partial<Options> = {\n${text.slice(options.index)}};\n`;
  }
  const isMethod = text.startsWith('@') && !/^(export )?class /m.test(text);
  return `${AROUND}${isMethod ? `export class Fragment extends Application {\n${text}}` : text}\nexport {};\n`;
}

describe('The fragments of TypeScript that the pages show', () => {
  let errors: Map<string, string[]>;

  beforeAll(() => {
    const { config } = ts.readConfigFile('tsconfig.check.json', (path) => ts.sys.readFile(path)) as {
      config: object;
    };
    const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, resolve('.'));
    const settings = { ...options, incremental: false, noUnusedLocals: false };
    const modules = new Map(fragments.map((fragment) => [pathOf(fragment), moduleOf(fragment)]));
    const disk = ts.createCompilerHost(settings);
    const host: ts.CompilerHost = {
      ...disk,
      fileExists: (path) => modules.has(path) || disk.fileExists(path),
      readFile: (path) => modules.get(path) ?? disk.readFile(path),
      getSourceFile: (path, version) => {
        const text = modules.get(path);
        return text === undefined
          ? disk.getSourceFile(path, version)
          : ts.createSourceFile(path, text, version);
      },
    };
    const program = ts.createProgram([...modules.keys()], settings, host);
    errors = new Map(
      [...modules.keys()].map((path) => [
        path,
        ts
          .getPreEmitDiagnostics(program, program.getSourceFile(path))
          .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
      ]),
    );
  }, 120_000);

  it('are there', () => {
    expect(fragments.length).toBeGreaterThan(10);
  });

  it.each(fragments.map((fragment) => [`${fragment.page}:${fragment.line}`, fragment] as const))(
    'compile at %s',
    (_place, fragment) => {
      expect(errors.get(pathOf(fragment))).toEqual([]);
    },
  );
});
