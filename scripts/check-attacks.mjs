// Every attack has proofs that its test can fail, and all proofs fit the sources. Whether the tests notice is
// `npm run attacks:prove`.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readProofs, takeOut } from './support/proofs.mjs';
import { SourceTree } from './support/source-tree.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PROOFS = '.proofs.yml';
const TEST = '.e2e-spec.ts';

const files = readdirSync(join(ROOT, 'test'), { recursive: true }).map((file) => join('test', file));
const sources = SourceTree.read(ROOT);
const problems = [];

for (const test of files.filter((file) => /attacks.\d+-.*\.e2e-spec\.ts$/.test(file))) {
  if (!existsSync(join(ROOT, test.replace(TEST, PROOFS)))) problems.push(`${test} has no proofs`);
}

let fitting = 0;
for (const file of files.filter((name) => name.endsWith(PROOFS))) {
  if (!existsSync(join(ROOT, file.replace(PROOFS, TEST)))) problems.push(`${file} has no test beside it`);
  for (const proof of readProofs(join(ROOT, file))) {
    try {
      takeOut(proof, sources);
      fitting++;
    } catch (error) {
      problems.push(`${file}: ${error.message}`);
    }
  }
}

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log(`${fitting} proofs fit the sources`);
