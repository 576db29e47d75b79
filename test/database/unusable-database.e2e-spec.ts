import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LatchkeyInProcess } from '../support/latchkey.js';
import { MASTER_KEY } from '../support/builders.js';
import { ServerProcess } from '../support/server-process.js';
import { freePort } from '../support/ports.js';
import { CA_FILE, OTHER_CA_FILE, TlsPostgres } from '../support/tls-postgres.js';

const ISSUER = 'https://login.example.com';
const PASSWORD = 'canary-4711';

/** What the server's start is tried with as well, as a process. */
const AT_START = ['password authentication', 'permission denied', 'SELF_SIGNED', 'ECONNREFUSED'];

let postgres: TlsPostgres;

/** How a server ends that cannot use its database: its status, and what it says besides its log. */
async function startOn(
  url: string,
  program: 'authorization-server' | 'resource-server' = 'authorization-server',
) {
  const server = ServerProcess.launch({
    program,
    environment: {
      ...{ DATABASE_URL: url, PORT: '0', ISSUER, HOST: '127.0.0.1' },
      ...{
        AUTHORIZATION_SERVER_URL: 'http://127.0.0.1:1',
        CLIENT_ID: 'x',
        CLIENT_SECRET: 'x',
        AUDIENCE: ISSUER,
      },
    },
  });
  return { status: await server.ended, lines: server.lines };
}

beforeAll(async () => {
  postgres = await TlsPostgres.start();
  await postgres.execute([
    `CREATE ROLE poor LOGIN PASSWORD '${PASSWORD}'`,
    `CREATE ROLE strict LOGIN PASSWORD '${PASSWORD}'`,
    'CREATE DATABASE closed',
    'CREATE DATABASE encrypted',
    'CREATE DATABASE standby',
    'ALTER DATABASE standby SET default_transaction_read_only = on',
  ]);
  const closed = new LatchkeyInProcess({
    DATABASE_URL: postgres.url({ database: 'closed' }),
    LATCHKEY_MASTER_KEY: MASTER_KEY,
  });
  await closed.succeed(['migrate']);
}, 120_000);

afterAll(() => postgres.stop());

describe('A PostgreSQL that cannot be used is named in one line with the setting, by server and command line', () => {
  const query = `?sslmode=verify-full&sslrootcert=${CA_FILE}`;

  it.each<[string, number, RegExp, () => string | Promise<string>]>([
    [
      'a wrong password',
      1,
      /refuses the user name or the password in DATABASE_URL: password authentication failed/,
      () => postgres.url({ password: PASSWORD }),
    ],
    [
      'no password',
      1,
      /asks for a password, and DATABASE_URL has none/,
      () => postgres.url({ password: '' }),
    ],
    [
      'an unknown role',
      1,
      /password in DATABASE_URL: .*"nobody"/,
      () => postgres.url({ user: 'nobody', password: PASSWORD }),
    ],
    [
      'an unknown database',
      1,
      /database "nothing" does not exist\. Create it, or correct the name in DATABASE_URL/,
      () => postgres.url({ database: 'nothing' }),
    ],
    [
      'no rights',
      1,
      /PostgreSQL database closed on 127\.0\.0\.1:\d+, as poor \(DATABASE_URL\) lacks a right: permission denied/,
      () => postgres.url({ user: 'poor', password: PASSWORD, database: 'closed' }),
    ],
    ['a standby', 1, /read-only, as a standby is/, () => postgres.url({ database: 'standby' })],
    [
      'no plain connections',
      1,
      /add sslmode=verify-full to DATABASE_URL/,
      () => postgres.url({ user: 'strict', password: PASSWORD }),
    ],
    [
      'a certificate of nobody that is trusted',
      1,
      /\(DEPTH_ZERO_SELF_SIGNED_CERT\).*DATABASE_URL: sslrootcert=FILE/,
      () => postgres.url({ query: '?sslmode=require' }),
    ],
    [
      'a certificate of another authority',
      1,
      /\(DEPTH_ZERO_SELF_SIGNED_CERT\).*sslrootcert/,
      () => postgres.url({ query: `?sslrootcert=${OTHER_CA_FILE}` }),
    ],
    [
      'a certificate for another name',
      1,
      /is for another name.*DATABASE_URL/,
      () => postgres.url({ host: 'localhost', query }),
    ],
    [
      'a server without TLS',
      1,
      /does not speak TLS, which sslmode in DATABASE_URL asks for/,
      () => `${process.env.TEST_DATABASE_URL}${query}`,
    ],
    [
      'nothing that listens',
      3,
      /127\.0\.0\.1:\d+: nothing listens there \(ECONNREFUSED\).*DATABASE_URL/,
      async () => `postgres://u:${PASSWORD}@127.0.0.1:${await freePort()}/d`,
    ],
    [
      'a name without an address',
      3,
      /host name has no address\. Correct DATABASE_URL/,
      () => `postgres://u:${PASSWORD}@nowhere.invalid/d`,
    ],
    [
      'a socket that is missing',
      3,
      /no socket that this process may use\. Correct DATABASE_URL/,
      () => `postgres://u:${PASSWORD}@localhost/d?host=/nowhere`,
    ],
  ])('%s', async (_, status, expected, url) => {
    const environment = { DATABASE_URL: await url(), LATCHKEY_MASTER_KEY: MASTER_KEY };
    const run = await new LatchkeyInProcess(environment).run(['migrate']);
    const [named, ...said] = run.stderr.trimEnd().split('\n');
    expect(named).toMatch(/^Database: PostgreSQL database \S+ on \S+, as \S+$/);
    expect(said).toEqual([expect.stringMatching(expected)]);
    expect(run).toMatchObject({ status, stdout: '' });

    expect(run.stderr).not.toContain(PASSWORD);
    if (!AT_START.some((text) => said[0]?.includes(text))) return;
    const server = await startOn(environment.DATABASE_URL);
    expect(server).toEqual({ status: 1, lines: [said[0]?.replace('latchkey: ', '')] });
  });

  it('something else that listens', async () => {
    const other = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    for (const query of ['', '?sslmode=require']) {
      const environment = { DATABASE_URL: `postgres://u:${PASSWORD}@127.0.0.1:${port}/d${query}` };
      const run = await new LatchkeyInProcess(environment).run(['migrate']);
      expect(run.stderr).toMatch(/^Database.*\n.*Is that PostgreSQL\? Correct DATABASE_URL.\n$/);
      expect(run.status).toBe(3);
    }
    other.close();
  });

  it('also by the resource server', async () => {
    const { status, lines } = await startOn(postgres.url({ password: PASSWORD }), 'resource-server');
    expect(lines).toEqual([expect.stringMatching(/password in DATABASE_URL/)]);
    expect(status).toBe(1);
  });

  it('a right that is lacking in the middle of a command', async () => {
    await postgres.execute(['GRANT SELECT ON authorization_server_migrations TO poor'], 'closed');
    const url = postgres.url({ user: 'poor', password: PASSWORD, database: 'closed' });
    const run = await new LatchkeyInProcess({ DATABASE_URL: url, LATCHKEY_MASTER_KEY: MASTER_KEY }).run([
      'export',
    ]);
    expect(run.stderr).toMatch(/lacks a right: permission denied for table/);
    expect(run.stderr.trimEnd().split('\n')).toHaveLength(2);
  });
});

describe('A server whose URL has sslmode=verify-full', () => {
  it.each(['verify-full', 'no-verify'])('encrypts every connection with %s', async (mode) => {
    const url = postgres.url({
      ...{ user: 'latchkey', database: 'encrypted' },
      query: `?sslmode=${mode}${mode === 'no-verify' ? '' : `&sslrootcert=${CA_FILE}`}`,
    });
    const server = await ServerProcess.start({
      environment: { DATABASE_URL: url, PORT: '0', HOST: '127.0.0.1', ISSUER },
    });
    await server.logs('receives the notifications');
    // Also those beside the pool, which hear of changes.
    const { encrypted, plain } = await postgres.connections('encrypted');
    expect(encrypted).toBeGreaterThanOrEqual(3);
    expect(plain).toBe(0);
    expect(server.lines.join('\n')).not.toMatch(/Warning|SECURITY/);
    expect(server.lines.join('\n')).toContain(
      `PostgreSQL database encrypted on 127.0.0.1:${postgres.port}, as latchkey`,
    );
    expect(await server.stop()).toBe(0);
  });
});

describe('An SQLite file that cannot be used', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-unusable-'));
    await writeFile(join(folder, 'text'), 'not a database '.repeat(1000));
    await mkdir(join(folder, 'folder'));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each([
    ['below a file', 'text/x.sqlite', /a part of its path is no folder/],
    ['that is a folder', 'folder', /it cannot be opened: it is a folder/],
    ['that is no database', 'text', /is no SQLite database, or is damaged/],
    ['in a place where nobody writes', '/proc/x.sqlite', /cannot be used/],
  ])('%s is named in one line', async (_, path, expected) => {
    const run = await new LatchkeyInProcess({ DATABASE_URL: `sqlite:${resolve(folder, path)}` }).run([
      'migrate',
    ]);
    const [named, ...said] = run.stderr.trimEnd().split('\n');
    expect(named).toMatch(/^Database: SQLite file /);
    expect(said).toEqual([expect.stringMatching(expected)]);
    expect(said[0]).toContain('DATABASE_URL');
    expect(run).toMatchObject({ status: 1, stdout: '' });
  });
});
