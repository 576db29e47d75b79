// Runs tests as on a machine that stands still now and then: stops one of Jest's workers for two seconds, again and again.
//   node scripts/test-with-pauses.mjs PROJECT[,PROJECT] [Jest's own arguments, such as part of a path]
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** Milliseconds. A server that receives no notification for two seconds is out of sync, so a pause is longer. */
const PAUSE = 2300;
const BETWEEN_PAUSES = 3500;

const jest = spawn(
  process.execPath,
  // Also with one file, which Jest would run in its own process.
  [
    fileURLToPath(new URL('jest.mjs', import.meta.url)),
    ...process.argv.slice(2),
    '--maxWorkers=2',
    '--workerIdleMemoryLimit=8G',
  ],
  { stdio: 'inherit' },
);
const ended = once(jest, 'exit');
let isRunning = true;
void ended.then(() => (isRunning = false));

/** The processes of Jest that run test files. */
function workers() {
  const processes = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((found) => found !== null)
    .map(([, pid, parent, command]) => ({ pid: Number(pid), parent: Number(parent), command }));
  const below = (pid) =>
    processes.filter(({ parent }) => parent === pid).flatMap((child) => [child, ...below(child.pid)]);
  return below(jest.pid).filter(({ command }) => command.includes('processChild'));
}

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended.
  }
}

for (let turn = 0; isRunning; turn++) {
  await Promise.race([sleep(BETWEEN_PAUSES), ended]);
  const all = workers();
  const worker = all[turn % all.length];
  if (worker === undefined) continue;
  signal(worker.pid, 'SIGSTOP');
  await sleep(PAUSE);
  signal(worker.pid, 'SIGCONT');
}
const [code] = await ended;
process.exit(code ?? 1);
