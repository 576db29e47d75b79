import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BatchedLines } from './batched-lines.js';

/** As built, for processes of its own. */
const module = new URL('../../dist/logging/batched-lines.js', import.meta.url);

describe('BatchedLines', () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-lines-'));
    path = join(folder, 'log');
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  const written = () => readFileSync(path, 'utf8').split('\n').slice(0, -1);

  /** @returns what was written, once there are so many lines */
  async function lines(count: number): Promise<string[]> {
    while (written().length < count) await new Promise((resolve) => setTimeout(resolve, 5));
    return written();
  }

  it('writes every line, in order, a moment later', async () => {
    const fd = openSync(path, 'w');
    const batched = new BatchedLines(fd);
    const sent = Array.from({ length: 3000 }, (_, index) => `line ${index} ${'ü'.repeat(index % 50)}`);
    for (const line of sent) batched.write(`${line}\n`);
    expect(await lines(sent.length)).toEqual(sent);
    batched.write('the last one\n');
    expect((await lines(sent.length + 1)).at(-1)).toBe('the last one');
    closeSync(fd);
  });

  it('writes what came while it was writing, though nothing comes after it', async () => {
    // More than a pipe takes, so that the first write lasts until somebody reads.
    const script = `
      import { BatchedLines } from ${JSON.stringify(module.href)};
      const lines = new BatchedLines(1);
      lines.write('x'.repeat(500_000) + '\\n');
      setTimeout(() => lines.write('the last one\\n'), 100);
      setTimeout(() => undefined, 60_000);`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await sleep(1000);
    let read = '';
    for await (const chunk of child.stdout) {
      read += chunk;
      if (read.endsWith('the last one\n')) break;
    }
    child.kill('SIGKILL');
    expect(read).toHaveLength(500_001 + 'the last one\n'.length);
  });

  it.each(['process.exit(3)', 'throw new Error()', 'undefined'])(
    'writes what waits when the process ends by %s',
    (end) => {
      const script = `
        import { BatchedLines } from ${JSON.stringify(module.href)};
        const lines = new BatchedLines(1);
        for (let index = 0; index < 5000; index++) lines.write('line ' + index + '\\n');
        ${end};`;
      const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script]);
      // What another thread is writing at that moment may come after what waited.
      const printed = new Set(stdout.toString().split('\n').slice(0, -1));
      expect(printed).toEqual(new Set(Array.from({ length: 5000 }, (_, index) => `line ${index}`)));
    },
  );
});
