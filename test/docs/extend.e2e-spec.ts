import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { applyEdits, type Edit } from '../../scripts/support/proofs.mjs';
import { SourceTree } from '../../scripts/support/source-tree.mjs';
import { SourcesCopy } from '../../scripts/support/sources-copy.mjs';

/** Something that is added to the product as the page says. Code is named like in a proof of an attack. */
interface Sample {
  readonly edits: readonly Edit[];
  /** By the name of a declaration beside which it is needed. */
  readonly imports: Readonly<Record<string, string>>;
  /** New files, by their path. */
  readonly files: Readonly<Record<string, string>>;
  /** What the addition does, as a test. */
  readonly test: string;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SOURCES = SourceTree.read(ROOT);
const PAGE = readFileSync(join(ROOT, 'docs/extend.md'), 'utf8');

/** The files that a sample changes or adds, as they become. */
function apply({ edits, imports, files }: Sample): Map<string, string> {
  const changed = applyEdits(edits, SOURCES);
  for (const [name, line] of Object.entries(imports)) {
    const file = SOURCES.find(name)[0]?.source.fileName ?? '';
    changed.set(file, `${line}\n${changed.get(file) ?? ''}`);
  }
  return new Map([...changed, ...Object.entries(files)]);
}

/** The files that the page lists below a heading. */
function listedBelow(heading: string): string[] {
  const [, section = ''] = PAGE.split(`\n## ${heading}\n`);
  const [own = ''] = section.split('\n## ');
  return [...own.matchAll(/^\d+\. `([^`]+)`/gm)].map(([, file = '']) => file);
}

let copy: SourcesCopy;

beforeAll(async () => {
  copy = await SourcesCopy.make();
});

afterAll(() => copy.remove());

describe.each([
  ['Add a grant', 'grant'],
  ['Add a member of clients', 'client-column'],
  ['Add an administered resource', 'resource'],
  ['Add a hash format', 'hash-format'],
])('%s', (heading, name) => {
  const sample = parse(readFileSync(new URL(`extend/${name}.yml`, import.meta.url), 'utf8'), {
    schema: 'failsafe',
  }) as Sample;

  it('touches the files that the page lists', () => {
    expect([...apply(sample).keys()].sort()).toEqual(listedBelow(heading).sort());
  });

  it('works', async () => {
    const spec = `test/flows/${name}.e2e-spec.ts`;
    const files = new Map([...apply(sample), [spec, sample.test]]);
    const { passed, output } = await copy.change(files, () =>
      copy.runTests('e2e', ['--testPathPatterns', spec, '--forceExit']),
    );
    expect(passed ? '' : output).toBe('');
  }, 120_000);
});
