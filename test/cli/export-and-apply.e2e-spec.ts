import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { aConfiguration, SHOP, type Configuration } from '../support/builders.js';
import { PASSWORD_HASH } from '../support/configurations.js';
import { describeEachDatabase, type TestDatabase } from '../support/databases.js';
import { createServerDatabase } from '../support/server-databases.js';
import { LatchkeyInProcess, offlineEnvironment, type Latchkey } from '../support/latchkey.js';

interface Applied {
  applied: boolean;
  already_applied: boolean;
  changes: { name: string; action: string }[];
}

/** Without passwords, which take time to hash. */
const withHashes = (overrides: Partial<Configuration> = {}): Configuration =>
  aConfiguration({ users: [hashedUser('alice'), hashedUser('bob')], ...overrides });

const hashedUser = (username: string, overrides: Record<string, unknown> = {}) => ({
  username,
  password_hash: PASSWORD_HASH,
  ...overrides,
});

describeEachDatabase('export and apply', (dialect) => {
  let database: TestDatabase;
  let latchkey: Latchkey;

  const file = (content: unknown): string => {
    const path = join(latchkey.home, 'latchkey.json');
    writeFileSync(path, JSON.stringify(content));
    return path;
  };

  const actions = (json: unknown) =>
    Object.fromEntries((json as Applied).changes.map(({ name, action }) => [name, action]));

  beforeEach(async () => {
    database = await createServerDatabase(dialect);
    latchkey = new LatchkeyInProcess(offlineEnvironment(database));
    await latchkey.succeed(['migrate']);
  });

  afterEach(() => database.drop());

  it('warn of hashes that are slow to verify, and name the limit of what is accepted', async () => {
    const slow = '$2b$14$'.padEnd(60, '.');
    const shown = await latchkey.succeed([
      'apply',
      '-f',
      file(withHashes({ users: [hashedUser('slow', { password_hash: slow })] })),
      '--dry-run',
    ]);
    expect(shown.stdout).toContain('warning: password_hash is slow: verifying it takes some 64 times');
    const large = PASSWORD_HASH.replace(/m=\d+/, 'm=1048576');
    const users = [hashedUser('large', { password_hash: large })];
    const refused = await latchkey.run(['apply', '-f', file(withHashes({ users }))]);
    expect(refused.status).not.toBe(0);
    expect(refused.stderr).toMatch(/password_hash: takes .* 1024 MiB .* at most 64 times and 256 MiB/);
  });

  it('warn of passwords that production and the API refuse', async () => {
    const users = [
      { username: 'alice', password: 'winter' },
      { username: 'bob', sub: 'b', password_hash: PASSWORD_HASH },
    ];
    const { stdout } = await latchkey.succeed(['apply', '-f', file(withHashes({ users })), '--dry-run']);
    expect(stdout).toMatch(
      /\+ alice\n(.*\n)* +warning: password must have at least 15 characters; production refuses it\n/,
    );
    expect(stdout).not.toContain('winter');
    const strict = { environment: { NODE_ENV: 'production' } };
    const clients: never[] = [];
    const refused = await latchkey.run(['apply', '-f', file(withHashes({ users, clients }))], strict);
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toContain('users[0].password: must have at least 15 characters');
  });

  it('show the difference, make it, and find nothing left to do', async () => {
    const path = file(withHashes());
    const shown = await latchkey.succeed(['apply', '-f', path, '--dry-run', '--json']);
    expect((shown.json as Applied).applied).toBe(false);
    expect((await latchkey.succeed(['export'])).stdout).toContain('clients: []');
    const made = await latchkey.succeed(['apply', '-f', path, '--json']);
    expect((made.json as Applied).applied).toBe(true);
    expect((made.json as Applied).changes).toEqual((shown.json as Applied).changes);
    const again = await latchkey.succeed(['apply', '-f', path, '--json']);
    expect(again.json).toEqual({ applied: false, already_applied: true, changes: [] });
    const forced = await latchkey.succeed(['apply', '-f', path, '--again', '--json']);
    expect(new Set(Object.values(actions(forced.json)))).toEqual(new Set(['unchanged']));
  });

  it('say for people what changes, from which value to which, and nothing secret', async () => {
    await latchkey.succeed(['apply', '-f', file(withHashes())]);
    const changed = withHashes({
      clients: [
        {
          client_id: SHOP.clientId,
          client_secret: 'another-secret-0123456789abcdefghijkl',
          reset: true,
          grant_types: ['password'],
          scope: 'resources:read',
          audience: ['https://api.example.com/'],
          access_token_ttl: 60,
        },
      ],
      users: [hashedUser('alice', { groups: ['staff'] }), hashedUser('carol')],
    });
    const { stdout } = await latchkey.succeed(['apply', '-f', file(changed), '--dry-run']);
    expect(stdout).toBe(`Clients
  ~ shop-backend
      grant_types: [password, refresh_token] -> [password]
      scope: resources:read resources:write -> resources:read
      default_scope: resources:read resources:write -> (none)
      access_token_ttl: (none) -> 60
      refresh_token_policy: unlimited -> none
      client_secret: (changed)

Users
  ~ alice
      groups: [] -> [staff]
  + carol
      password: (set)

1 to create, 2 to update, 0 to delete, 2 unchanged
`);
  });

  it('refuse a file with a mistake, name its place, and change nothing', async () => {
    const path = file({ ...withHashes(), users: [{ username: 'dave', pasword: 'correct horse' }] });
    for (const options of [['--dry-run'], []]) {
      const run = await latchkey.run(['apply', '-f', path, ...options]);
      expect(run).toMatchObject({ status: 1, stdout: '' });
      expect(run.stderr).toContain('users[0].pasword');
      expect(run.stderr).not.toContain('correct horse');
    }
    expect((await latchkey.succeed(['export'])).stdout).toBe('scopes: []\nclients: []\nusers: []\n');
  });

  it('prune only with --yes where there is nobody to ask', async () => {
    await latchkey.succeed(['apply', '-f', file(withHashes())]);
    const path = file(withHashes({ users: [hashedUser('alice')] }));
    const refused = await latchkey.run(['apply', '-f', path, '--prune']);
    expect(refused).toMatchObject({ status: 2, stdout: '' });
    expect(refused.stderr).toContain('--yes');
    const shown = await latchkey.succeed(['apply', '-f', path, '--prune', '--dry-run', '--json']);
    expect(actions(shown.json)).toMatchObject({ alice: 'unchanged', bob: 'delete' });
    await latchkey.succeed(['apply', '-f', path, '--prune', '--yes']);
    expect((await latchkey.succeed(['export'])).stdout).not.toContain('bob');
  });

  it('write no secret and no hash, unless told to', async () => {
    await latchkey.succeed(['apply', '-f', file(withHashes())]);
    for (const format of ['yaml', 'json']) {
      const without = (await latchkey.succeed(['export', '--format', format])).stdout;
      expect(without).not.toMatch(/secret_hash|password_hash|\$sha256\$|\$argon2id\$/);
      const { clients, users } = parse(
        (await latchkey.succeed(['export', '--format', format, '--with-secrets'])).stdout,
      ) as { clients: Record<string, unknown>[]; users: Record<string, unknown>[] };
      expect(clients.map((client) => client.client_secret_hash)).toEqual([
        expect.stringMatching(/^\$sha256\$/),
        expect.stringMatching(/^\$sha256\$/),
        expect.stringMatching(/^\$sha256\$/),
      ]);
      expect(users.map((user) => user.password_hash)).toEqual([
        expect.stringMatching(/^\$argon2id\$/),
        expect.stringMatching(/^\$argon2id\$/),
      ]);
    }
  });

  it('write a file that nobody else can read, and leave none behind that is not whole', async () => {
    await latchkey.succeed(['apply', '-f', file(withHashes())]);
    const path = join(latchkey.home, 'export.yaml');
    await latchkey.succeed(['export', '--with-secrets', '-o', path]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).toBe((await latchkey.succeed(['export', '--with-secrets'])).stdout);
    const refused = await latchkey.run(['export', '-o', join(latchkey.home, 'nowhere', 'export.yaml')]);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(/nowhere.*ENOENT/);
  });
});
