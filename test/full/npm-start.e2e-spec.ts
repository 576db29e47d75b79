import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, mkdir, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../support/stack.js';

const STARTED = 'Ctrl-C stops both.';

describe('npm start', () => {
  let folder: string;
  let environment: Record<string, string>;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-start-'));
    await mkdir(join(folder, 'bin'));
    const curl = resolve('test/support/curl.mjs');
    await chmod(curl, 0o755);
    await symlink(curl, join(folder, 'bin', 'curl'));
    environment = {
      // A machine's own curl goes first.
      PATH: `${process.env.PATH ?? ''}:${join(folder, 'bin')}`,
      LATCHKEY_DATA_DIR: join(folder, 'data'),
      DATABASE_URL: `sqlite:${join(folder, 'data', 'latchkey.sqlite')}`,
      RESOURCE_SERVER_DATABASE_URL: `sqlite:${join(folder, 'data', 'resources.sqlite')}`,
      AUTHORIZATION_SERVER_PORT: String(await freePort()),
      RESOURCE_SERVER_PORT: String(await freePort()),
    };
  });

  afterAll(async () => {
    for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  /** @returns what was printed until `expected`, or until the end */
  const start = async (expected: string, more: Record<string, string> = {}) => {
    const child = spawn(process.execPath, ['scripts/start.mjs'], { env: { ...environment, ...more } });
    children.push(child);
    let output = '';
    await new Promise<void>((done) => {
      const read = (chunk: Buffer): void => {
        output += chunk.toString();
        if (output.includes(expected)) done();
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('exit', () => done());
    });
    expect(output).toContain(expected);
    return { child, output };
  };

  const stop = async (child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    if (child.exitCode === null) await once(child, 'exit');
    return child.exitCode;
  };

  /** The printed commands: indented lines, joined where they go on. */
  const commands = (output: string): string[] =>
    output
      .replaceAll(/\\\n\s*/g, '')
      .split('\n')
      .filter((line) => /^ {2}(TOKEN=|curl )/.test(line));

  const paste = (lines: string[]): string =>
    execFileSync('sh', ['-c', lines.join('\n')], { env: environment, encoding: 'utf8' });

  it('prints lines that give a token, create a resource and read it', async () => {
    const { child, output } = await start(STARTED);
    const said = output.slice(0, output.indexOf('Latchkey is ready.'));
    expect(said).toContain('applied the demo file');
    expect(output).not.toContain('interrupted');
    const lines = commands(output);
    expect(lines).toHaveLength(3);
    const answers = paste(lines);
    expect(answers).toContain('"name":"note"');
    expect(answers).toMatch(/"data":\[\{"id":"[0-9a-f-]{36}"/);
    expect(await stop(child, 'SIGINT')).toBe(0);
  });

  it('keeps what was there, and lets nobody else read it', async () => {
    const { child, output } = await start(STARTED);
    expect(output).not.toContain('applied the demo file');
    const [token = '', , read = ''] = commands(output);
    expect(paste([token, read])).toContain('"name":"note"');
    for (const name of ['master.key', 'latchkey.sqlite', 'resources.sqlite']) {
      expect((await stat(join(folder, 'data', name))).mode & 0o077).toBe(0);
    }
    expect(await stop(child, 'SIGTERM')).toBe(0);
  });

  it('says what is wrong and ends with 1: a taken port, a wrong variable', async () => {
    const { child } = await start(STARTED);
    const taken = await start('The port is taken', {
      DATABASE_URL: `sqlite:${join(folder, 'other', 'latchkey.sqlite')}`,
      RESOURCE_SERVER_DATABASE_URL: `sqlite:${join(folder, 'other', 'resources.sqlite')}`,
    });
    if (taken.child.exitCode === null) await once(taken.child, 'exit');
    expect(taken.child.exitCode).toBe(1);
    await stop(child, 'SIGTERM');
    const wrong = await start('HASH_WORKERS must be', { HASH_WORKERS: 'many', ACCESS_TOKEN_TTL: '-1' });
    if (wrong.child.exitCode === null) await once(wrong.child, 'exit');
    expect(wrong.output).toContain('ACCESS_TOKEN_TTL');
    expect(wrong.child.exitCode).toBe(1);
  });
});

describe('npm run demo', () => {
  it('plays all five stages on a pair of its own, and all goes as it should', () => {
    const output = execFileSync(process.execPath, ['scripts/demo.mjs'], { encoding: 'utf8' });
    expect(output).toContain('Everything went as it should.');
    expect(output).not.toContain('WRONG');
  });
});
