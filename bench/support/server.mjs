// Starts built servers as processes of their own, pinned to one core where the system can.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

const canPin = spawnSync('taskset', ['-V']).status === 0;

/** Puts this process, the load, on the second core. */
export function pinLoad() {
  if (canPin) spawnSync('taskset', ['-a', '-cp', '1', String(process.pid)]);
  return canPin;
}

/** Takes a process and its children off the core of the load, which they would otherwise share with whoever spins there. */
export function letRunAnywhere(pid) {
  if (!canPin) return;
  for (const member of familyOf(pid)) spawnSync('taskset', ['-a', '-cp', `0-${cpus().length - 1}`, member]);
}

export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

const START_TIMEOUT_MS = 60_000;

const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * Runs a script on the first core until `stop` is called, or until this process ends.
 *
 * @param environment all of it, but PATH, HOST and PORT
 * @param healthPath answers, whatever it answers, when the server is ready
 * @param pinned false lets it run on all cores
 */
export async function startServer(script, environment, healthPath, { nodeOptions = [], pinned = true } = {}) {
  const port = await freePort();
  const [command, ...rest] = [...(pinned ? onServerCore() : [process.execPath]), ...nodeOptions, script];
  const child = spawn(command, rest, {
    cwd: root,
    // What it logs at the default level costs it what a pipe costs; the reader of the pipe throws it away.
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: String(port), ...environment },
  });
  child.stdout.resume();
  running.add(child);
  const url = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(url + healthPath))) {
    if (Date.now() > deadline || child.exitCode !== null) throw new Error(`${script} did not start`);
    await sleep(20);
  }
  const stop = async () => {
    running.delete(child);
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  return {
    url,
    port,
    pid: child.pid,
    stop,
    memory: () => memoryOf(child.pid, 'VmRSS'),
    processorTime: () => processorTime(child.pid),
    peakMemory: () => memoryOf(child.pid, 'VmHWM'),
  };
}

/** Runs a script on the first core to its end and reads the JSON that it prints. */
export async function runOnServerCore(script, ...parameters) {
  const [command, ...rest] = [...onServerCore(), script, ...parameters];
  const child = spawn(command, rest, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const output = [];
  child.stdout.on('data', (chunk) => output.push(chunk));
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Error(`${script} ended with ${status}`);
  return JSON.parse(Buffer.concat(output).toString());
}

function onServerCore() {
  return canPin ? ['taskset', '-c', '0', process.execPath] : [process.execPath];
}

function answers(url) {
  return fetch(url).then(
    async (response) => {
      await response.arrayBuffer();
      return response.status < 500;
    },
    () => false,
  );
}

// USER_HZ, in which /proc counts: 100 on every Linux that Node.js has binaries for.
const CLOCK_TICKS = 100;

/** Seconds of processor time that a process has used, all its threads; null where there is no /proc. */
function processorTime(pid, { withEndedChildren = false } = {}) {
  const stat = processFile(pid, 'stat');
  if (stat === null) return null;
  const ticks = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, withEndedChildren ? 15 : 13);
  return ticks.reduce((sum, part) => sum + Number(part), 0) / CLOCK_TICKS;
}

/** As {@link processorTime}, of a process and its children, also those that have ended. */
export function processorTimeOfFamily(parent) {
  return familyOf(parent).reduce(
    (sum, pid) => sum + (processorTime(pid, { withEndedChildren: true }) ?? 0),
    0,
  );
}

function familyOf(parent) {
  const isOurs = (pid) => Number(pid) === parent || parentOf(pid) === parent;
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isOurs(name));
}

function parentOf(pid) {
  const stat = processFile(pid, 'stat') ?? '';
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

/** A figure of /proc/PID/status in MiB: VmRSS is now, VmHWM the most so far; null where there is no /proc. */
function memoryOf(pid, figure) {
  const kibibytes = new RegExp(`${figure}:\\s+(\\d+)`).exec(processFile(pid, 'status') ?? '')?.[1];
  return kibibytes === undefined ? null : Number(kibibytes) / 1024;
}

function processFile(pid, name) {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return null;
  }
}
