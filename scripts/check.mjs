// Builds once, then runs all checks, two at a time: linting takes as long as all others together. Stops at nothing, so
// that one run shows everything that is wrong.
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

const LANES = [
  ['lint'],
  ['types', 'format', 'dependencies', 'size', 'attacks', 'package', 'reference', 'openapi'],
];

/** @param {...string} parameters of `npm run` */
async function run(...parameters) {
  const child = spawn('npm', ['run', ...parameters], {
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
  const ended = new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
  const [status, output, errors] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  process.stdout.write(output);
  process.stderr.write(errors);
  return status === 0 ? [] : [parameters.at(-1)];
}

/** @param {string[]} checks run one after another */
async function runLane(checks) {
  const failed = [];
  // Without `pre` scripts, which build for a check that runs alone.
  for (const check of checks) failed.push(...(await run('--ignore-scripts', `check:${check}`)));
  return failed;
}

const failed = await run('build');
if (failed.length === 0) failed.push(...(await Promise.all(LANES.map(runLane))).flat());
if (failed.length > 0) {
  console.error(`Failed: ${failed.join(', ')}`);
  process.exit(1);
}
