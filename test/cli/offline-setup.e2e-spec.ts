import { readdirSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createDatabase, describeEachDatabase, type TestDatabase } from '../support/databases.js';
import { expectTokens } from '../support/expectations.js';
import {
  LatchkeyInProcess,
  LatchkeyProcess,
  offlineEnvironment,
  type Latchkey,
} from '../support/latchkey.js';
import { startStack } from '../support/stack.js';

const SECRET = 'a-secret-of-my-own-0123456789abcdefgh';
const NOTHING = { scopes: [], clients: [], users: [] };

describeEachDatabase('An installation that the command line sets up', (dialect) => {
  let database: TestDatabase;
  let latchkey: Latchkey;

  /** Whether a server on this database gives the client a token for administration. */
  const isAdministrator = async (clientId: string, secret: string): Promise<boolean> => {
    const stack = await startStack(dialect, { database, configuration: NOTHING });
    const answer = await stack.token(
      { grant_type: 'client_credentials', scope: 'admin:clients' },
      { clientId, secret },
    );
    await stack.stop();
    if (answer.status === 200) expectTokens(answer);
    return answer.status === 200;
  };

  beforeEach(async () => {
    database = await createDatabase(dialect);
    latchkey = new LatchkeyInProcess(offlineEnvironment(database));
  });

  afterEach(() => database.drop());

  it('has a schema after migrate, which then has nothing left to do', async () => {
    const first = await latchkey.succeed(['migrate', '--json']);
    expect((first.json as { migrations: string[] }).migrations.length).toBeGreaterThan(1);
    const second = await latchkey.succeed(['migrate']);
    expect(second.stdout).toBe('The database is up to date.\n');
    expect((await latchkey.succeed(['export'])).stdout).toBe('scopes: []\nclients: []\nusers: []\n');
  });

  it.each([['export'], ['apply', '-f', '-'], ['apply', '-f', '-', '--dry-run'], ['after-restore', '--yes']])(
    'is asked for by %s %s %s %s, which does not make it',
    async (...command) => {
      const refused = await latchkey.run(command, { input: '{}' });
      expect(refused).toMatchObject({ status: 1, stdout: '' });
      expect(refused.stderr).toMatch(/(There is no|is empty)[^]*Nothing was made[^]*latchkey migrate/);
      const again = await latchkey.succeed(['migrate', '--json']);
      expect((again.json as { migrations: string[] }).migrations).not.toEqual([]);
    },
  );

  it('gets its first administrator, with a secret that is shown once', async () => {
    const { json, stderr } = await latchkey.succeed(['bootstrap', '--json']);
    const { client_id: clientId, client_secret: secret } = json as Record<string, string>;
    expect(clientId).toBe('latchkey-admin');
    expect(secret).toMatch(/^[\w-]{43}$/);
    expect(stderr).not.toContain(secret);
    expect(await isAdministrator('latchkey-admin', secret ?? '')).toBe(true);

    const second = await latchkey.run(['bootstrap', '--client-id', 'another']);
    expect(second).toMatchObject({ status: 1, stdout: '' });
    expect(second.stderr).toContain('already');
    expect(await isAdministrator('another', secret ?? '')).toBe(false);
  });

  it.each<[string, string[], Record<string, string>, string]>([
    ['the standard input', ['--client-id', 'mine', '--secret-stdin'], {}, `${SECRET}\n`],
    [
      'the environment',
      [],
      { LATCHKEY_BOOTSTRAP_CLIENT_ID: 'mine', LATCHKEY_BOOTSTRAP_CLIENT_SECRET: SECRET },
      '',
    ],
  ])('takes the secret from %s, and does not show it', async (_, options, environment, input) => {
    const run = await latchkey.succeed(['bootstrap', ...options], { environment, input });
    expect(run.stdout + run.stderr).not.toContain(SECRET);
    expect(run.stdout).toContain('mine');
    expect(await isAdministrator('mine', SECRET)).toBe(true);
  });

  it.each([
    ['an empty one', '', {}],
    ['one that is not ASCII', 'ä'.repeat(40), {}],
    ['a weak one in production', 'weakest-of-all', { NODE_ENV: 'production' }],
  ])('takes no secret that is %s', async (_, input, environment) => {
    if (dialect === 'postgres') return;
    const run = await latchkey.run(['bootstrap', '--secret-stdin'], { input, environment });
    expect(run).toMatchObject({ status: 2, stdout: '' });
    if (input !== '') expect(run.stderr).not.toContain(input);
    expect((await latchkey.succeed(['migrate', '--json'])).json).toBeDefined();
    expect((await latchkey.succeed(['export'])).stdout).toContain('clients: []');
  });
});

describe('A command in the wrong folder', () => {
  let latchkey: LatchkeyInProcess;
  let missing: string;

  beforeEach(() => {
    latchkey = new LatchkeyInProcess();
    missing = join(latchkey.home, 'data/latchkey.sqlite');
  });

  const environmentOf = (path: string) => ({ environment: { DATABASE_URL: `sqlite:${path}` }, input: '{}' });

  const refusalOf = (path: string) =>
    `Database: SQLite file ${path}\nlatchkey: There is no SQLite file ${path}. Nothing was made\n` +
    'Run it where the server runs, or set DATABASE_URL to the one of the server. `latchkey migrate` sets up a new one.\n';

  it.each([
    ['backup', 'copy.sqlite'],
    ['export'],
    ['apply', '-f', '-'],
    ['apply', '-f', '-', '--dry-run'],
    ['after-restore', '--yes'],
  ])('%s %s %s names the database that it looked for, and makes none', async (...command) => {
    const run = await latchkey.run(command, environmentOf(missing));
    expect(run).toMatchObject({ status: 1, stdout: '', stderr: refusalOf(missing) });
    expect(readdirSync(latchkey.home)).toEqual([]);
  });

  it('names the file that the folder stands for', async () => {
    const process = new LatchkeyProcess();
    const run = await process.run(['export']);
    expect(run.stderr).toBe(refusalOf(join(realpathSync(process.home), 'data/latchkey.sqlite')));
  });

  it('migrate, bootstrap and restore name the database and say that they made it, once', async () => {
    const named = `Database: SQLite file ${missing}\n`;
    const made = `${named}There was none: it is set up anew.\n`;
    const copy = join(latchkey.home, 'copy.sqlite');
    expect((await latchkey.succeed(['bootstrap', '--json'], environmentOf(missing))).stderr).toContain(made);
    expect((await latchkey.succeed(['migrate'], environmentOf(missing))).stderr).toBe(named);
    expect((await latchkey.succeed(['backup', copy], environmentOf(missing))).stderr).toContain(named);

    const other = join(latchkey.home, 'other/x.sqlite');
    expect((await latchkey.succeed(['migrate'], environmentOf(other))).stderr).toContain('set up anew');
    rmSync(dirname(other), { recursive: true });
    const { stderr } = await latchkey.succeed(['restore', copy], environmentOf(other));
    expect(stderr.split('\n').slice(0, 2)).toEqual([
      `Database: SQLite file ${other}`,
      'There was no database in this place before.',
    ]);
  });
});
