import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, mkdir, rm, stat, symlink } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { send } from '../support/http.js';
import { freePort } from '../support/ports.js';

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

  /** What was printed before it ended with 1. */
  const refusal = async (more: Record<string, string>): Promise<string> => {
    const child = spawn(process.execPath, ['scripts/start.mjs'], { env: { ...environment, ...more } });
    children.push(child);
    const ended = once(child, 'exit');
    const output = (await Promise.all([text(child.stdout), text(child.stderr)])).join('');
    expect(output).not.toContain('is ready');
    expect(await ended).toEqual([1, null]);
    return output;
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

  it('points clients without a token to metadata that is there, whatever Host they send', async () => {
    const { child, output } = await start(STARTED);
    const resources = `http://127.0.0.1:${environment.RESOURCE_SERVER_PORT}`;
    expect(output).toContain(resources);
    const { status, headers } = await send(`${resources}/resources`, {
      headers: { host: 'elsewhere.example' },
    });
    expect(status).toBe(401);
    const [, url = ''] = /resource_metadata="([^"]+)"/.exec(String(headers['www-authenticate'])) ?? [];
    expect(url).toBe(`${resources}/.well-known/oauth-protected-resource`);
    expect((await send(url)).json).toMatchObject({ resource: `${resources}/` });
    expect(await stop(child, 'SIGTERM')).toBe(0);
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

  describe('with a port that another program has', () => {
    let other: Server;
    let port: string;

    beforeEach(async () => {
      // It answers everything, and so looks like a server that is ready.
      other = createServer((_request, response) => response.end('{}')).listen(0, '127.0.0.1');
      await once(other, 'listening');
      port = String((other.address() as AddressInfo).port);
    });

    afterEach(() => {
      other.closeAllConnections();
      other.close();
    });

    it.each([
      'AUTHORIZATION_SERVER_PORT',
      'RESOURCE_SERVER_PORT',
      'METRICS_PORT',
      'RESOURCE_SERVER_METRICS_PORT',
    ])('names the port and %s, ends with 1, and starts nothing', async (variable) => {
      expect(await refusal({ [variable]: port })).toBe(
        `Port ${port} is taken: another program listens there. Stop that program, or set ${variable} to another port.\n`,
      );
    });

    it('does not take the answers of the other program for its own', async () => {
      const script = `
        import { Pair } from ${JSON.stringify(resolve('scripts/support/pair.mjs'))};
        const pair = new Pair({
          environment: process.env,
          demo: true,
          ports: { authorizationServer: ${JSON.stringify(port)}, resourceServer: ${JSON.stringify(port)} },
          onFailure: (error) => console.log(error.message),
        });
        console.log(await pair.start());`;
      const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { env: environment });
      children.push(child);
      const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
      expect(output.trim().split('\n').slice(-2)).toEqual([
        'The authorization-server stopped; see the lines above.',
        'false',
      ]);
      expect(errors).toContain(`PORT ${port} is taken`);
    });
  });

  it('refuses ports that are none, or the same twice', async () => {
    const wrong = { AUTHORIZATION_SERVER_PORT: 'http', RESOURCE_SERVER_PORT: '0' };
    expect(await refusal(wrong)).toBe(
      'AUTHORIZATION_SERVER_PORT must be a port, a whole number from 1 to 65535.\n' +
        'RESOURCE_SERVER_PORT must be a port, a whole number from 1 to 65535.\n',
    );
    const port = String(await freePort());
    expect(await refusal({ AUTHORIZATION_SERVER_PORT: port, RESOURCE_SERVER_PORT: port })).toBe(
      `RESOURCE_SERVER_PORT and AUTHORIZATION_SERVER_PORT are both ${port}. Set one of them to another port.\n`,
    );
  });

  it('says what a server says about a wrong variable, and ends with 1', async () => {
    const output = await refusal({ NODE_ENV: 'prod', HASH_WORKERS: 'many', ACCESS_TOKEN_TTL: '-1' });
    for (const name of ['NODE_ENV', 'HASH_WORKERS', 'ACCESS_TOKEN_TTL'])
      expect(output).toContain(`- ${name} must be`);
    expect(output).toContain('The authorization-server stopped; see the lines above.');
  });

  it('stops both servers when its terminal is closed', async () => {
    const { child } = await start(STARTED);
    expect(await stop(child, 'SIGHUP')).toBe(0);
  });

  it('prints addresses that work for another HOST, and that PORT is not used', async () => {
    const { child, output } = await start(STARTED, { HOST: '0.0.0.0', PORT: '1' });
    expect(output).toContain('PORT is not used here');
    const [token = '', , read = ''] = commands(output);
    expect(paste([token, read])).toContain('"data":[');
    for (const [url = ''] of output.matchAll(/http:\/\/\S+\/docs/g)) {
      expect((await fetch(url)).headers.get('content-type')).toContain('text/html');
    }
    expect(output.match(/http:\/\/\S+\/docs/g)).toHaveLength(2);
    expect(output).toContain('npm run latchkey -- help');
    expect(await stop(child, 'SIGTERM')).toBe(0);
  });
});

describe('npm run demo', () => {
  it('plays all five stages on a pair of its own, and all goes as it should', () => {
    const output = execFileSync(process.execPath, ['scripts/demo.mjs'], { encoding: 'utf8' });
    expect(output).toContain('Everything went as it should.');
    expect(output).not.toContain('WRONG');
  });
});
