import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
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

  /** A process of its own that writes lines to its standard output. */
  const scriptOf = (body: string): string[] => [
    '--input-type=module',
    '--eval',
    `import { BatchedLines } from ${JSON.stringify(module.href)};
    const lines = new BatchedLines(1);
    ${body};`,
  ];

  /**
   * What a process writes that nobody reads for `wait` milliseconds; it gets the signal once `last` was read, and would
   * live for a minute without.
   */
  async function readLate(body: string, wait: number, last: string, signal: NodeJS.Signals) {
    const script = scriptOf(`${body}
      setTimeout(() => undefined, 60_000)`);
    const child = spawn(process.execPath, script, { stdio: ['ignore', 'pipe', 'inherit'] });
    await sleep(wait);
    let read = '';
    for await (const chunk of child.stdout) {
      read += chunk;
      if (read.includes(last)) child.kill(signal);
    }
    return read;
  }

  it('writes what came while it was writing, though nothing comes after it', async () => {
    // More than a pipe takes, so that the first write lasts until somebody reads.
    const body = `
      lines.write('x'.repeat(500_000) + '\\n');
      setTimeout(() => lines.write('the last one\\n'), 100);`;
    const read = await readLate(body, 1000, 'the last one\n', 'SIGKILL');
    expect(read).toHaveLength(500_001 + 'the last one\n'.length);
  });

  it('keeps an end of what waits for a reader who does not read, and says how much was lost', async () => {
    const body = `
      for (let index = 0; index < 100_000; index++) lines.write('x'.repeat(99) + '\\n');
      process.on('SIGTERM', () => process.exit());`;
    const read = await readLate(body, 500, 'lost', 'SIGTERM');
    const printed = read.split('\n').slice(0, -1);
    const told = printed.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as object);
    const kept = printed.length - told.length;
    expect(kept).toBeGreaterThan(40_000);
    expect(told).toMatchObject([{ level: 50, lost: 100_000 - kept }]);
  });

  it('says how much was lost when there is a reader again', async () => {
    execFileSync('mkfifo', [path]);
    const reader = () => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const first = reader();
    const fd = openSync(path, 'w');
    const batched = new BatchedLines(fd);
    const flush = () => new Promise<void>((done) => batched.flush(done));
    closeSync(first);
    for (const line of ['one\n', 'two\n']) {
      batched.write(line);
      await flush();
    }
    const second = reader();
    batched.write('three\n');
    await flush();
    batched.write('four\n');
    await flush();
    closeSync(fd);
    const [three, told = '', ...rest] = readFileSync(second, 'utf8').split('\n');
    closeSync(second);
    expect([three, ...rest]).toEqual(['three', 'four', '']);
    expect(JSON.parse(told)).toMatchObject({ level: 50, lost: 2 });
  });

  it('outlives a full disk, and ends as the process wants', () => {
    const fd = openSync('/dev/full', 'w');
    const script = scriptOf(`
      for (let index = 0; index < 1000; index++) lines.write('x'.repeat(99) + '\\n');
      setTimeout(() => lines.write('more\\n'), 200);
      setTimeout(() => process.exit(3), 400);`);
    const { status, stderr } = spawnSync(process.execPath, script, {
      stdio: ['ignore', fd, 'pipe'],
      timeout: 20_000,
    });
    closeSync(fd);
    expect(stderr.toString()).toBe('');
    expect(status).toBe(3);
  });

  it.each([0, 1, 3])('says when %i lines are written, though one is being written already', async (count) => {
    const fd = openSync(path, 'w');
    const batched = new BatchedLines(fd);
    if (count > 1) batched.write(`${'x'.repeat(100_000)}\n`);
    for (let index = 1; index < count; index++) batched.write(`line ${index}\n`);
    if (count > 0) batched.write('the last one\n');
    await new Promise<void>((done) => batched.flush(done));
    expect(written().at(-1)).toBe(count === 0 ? undefined : 'the last one');
    closeSync(fd);
  });

  it.each(['process.exit(3)', 'throw new Error()', 'undefined'])(
    'writes what waits when the process ends by %s',
    (end) => {
      const script = scriptOf(`
        for (let index = 0; index < 5000; index++) lines.write('line ' + index + '\\n');
        ${end}`);
      const { stdout } = spawnSync(process.execPath, script);
      // What another thread is writing at that moment may come after what waited.
      const printed = new Set(stdout.toString().split('\n').slice(0, -1));
      expect(printed).toEqual(new Set(Array.from({ length: 5000 }, (_, index) => `line ${index}`)));
    },
  );
});
