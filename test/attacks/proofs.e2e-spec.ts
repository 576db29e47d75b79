import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { format } from 'prettier';
import { readProofs, takeOut, type Proof } from '../../scripts/support/proofs.mjs';
import { SourceTree } from '../../scripts/support/source-tree.mjs';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const SOURCES = SourceTree.read(fileURLToPath(new URL('../..', import.meta.url)));

const proofs = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.proofs.yml'))
  .flatMap((file) => readProofs(FOLDER + file).map((proof) => ({ file, ...proof })));

/** The sources that a proof changes, with each declaration that it names moved into one other file. */
async function moved({ edits }: Proof): Promise<SourceTree> {
  const texts = new Map<string, string>();
  const newcomers = [];
  for (const name of new Set(edits.map((edit) => edit.in.split('.')[0] ?? ''))) {
    for (const { source, node } of SOURCES.find(name)) {
      const declaration = node.getFullText(source);
      texts.set(
        source.fileName,
        (texts.get(source.fileName) ?? source.text).replace(declaration, () => ''),
      );
      newcomers.push(`// Moved, with a neighbour.\nexport const beside_${name} = '${name}';\n${declaration}`);
    }
  }
  return new SourceTree([
    ...texts,
    [
      'libs/moved/src/moved.ts',
      await format(newcomers.join('\n'), { parser: 'typescript', singleQuote: true, printWidth: 70 }),
    ],
  ]);
}

describe('A proof takes its defence out wherever the code is', () => {
  it.each(proofs)('$file: $defence', async (proof) => {
    const changed = takeOut(proof, await moved(proof));
    expect([...changed.keys()]).toEqual(['libs/moved/src/moved.ts']);
  });
});

describe('A proof that does not fit', () => {
  const sources = new SourceTree([
    ['a.ts', 'export function isOpen(door: Door) { return door.key !== null && door.key !== undefined; }'],
    [
      'b.ts',
      'class Door { get key() { return this.lock; } }\nclass Door { get key() { return this.lock; } }',
    ],
  ]);

  it.each([
    [{ in: 'isClosed', remove: 'door' }, 'no source declares isClosed'],
    [{ in: 'isOpen', remove: 'door.lock' }, 'no source has isOpen with: door.lock'],
    [{ in: 'isOpen', remove: 'door.key' }, 'the sources have 2 times (a.ts) isOpen with: door.key'],
    [{ in: 'Door.key', remove: 'this' }, 'the sources have 2 times (b.ts) Door.key with: this'],
    [{ in: 'isOpen', replace: 'door.key !== null', with: 'door.' }, 'the code is broken'],
    [{ in: 'isOpen', replace: 'return', with: 'return' }, 'nothing changes'],
    [{ in: 'isOpen', replace: 'return' }, 'an edit has replace and with'],
  ])('%j', (edit, message) => {
    expect(() => takeOut({ defence: 'The door is locked', edits: [edit] }, sources)).toThrow(
      `"The door is locked": ${message}`,
    );
  });
});
