import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Runs a script in another process and waits until it prints a line. The process ends with the test at the latest. */
export async function runInChild(script: string, ...parameters: string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script, ...parameters], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit').then(() => {
    throw new Error('The child process ended before it was ready');
  });
  await Promise.race([once(child.stdout, 'data'), ended]);
  ended.catch(() => undefined);
  return child;
}

/** Ends a child process and waits until it is gone. */
export async function endChild(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}
