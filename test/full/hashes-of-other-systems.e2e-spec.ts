import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import { ConfigurationExporter } from '../../apps/authorization-server/src/provisioning/configuration-exporter.js';
import { PasswordUpgrades } from '../../apps/authorization-server/src/users/password-upgrades.js';
import { administrationBy, ROOT, startAdministered, type AdminApi } from '../support/admin-api.js';
import { aConfiguration } from '../support/builders.js';
import { describeEachDatabase, type TestDatabase } from '../support/databases.js';
import { expectOAuthError, expectProblem, expectTokens } from '../support/expectations.js';
import { createServerDatabase } from '../support/server-databases.js';
import { startStack, type Stack } from '../support/stack.js';

const VECTORS = JSON.parse(
  readFileSync(new URL('../vectors/password-hashes.json', import.meta.url), 'utf8'),
) as { password: string; peppers: Record<string, string>; hashes: { system: string; hash: string }[] };

const { password, peppers } = VECTORS;
const ENVIRONMENT = {
  LATCHKEY_PASSWORD_PEPPERS: JSON.stringify(peppers),
  HASH_QUEUE_DEADLINE_MS: '60000',
};

describeEachDatabase('Users of other systems', (dialect) => {
  // What is verified does not depend on the database; what tools write, systems write too.
  const hashes = VECTORS.hashes
    .filter(({ system }) => !/^(openssl|mkpasswd|slappasswd|htpasswd -)/.test(system))
    .filter((_, index) => dialect === 'sqlite' || index % 8 === 4);
  const users = hashes.map(({ hash }, index) => ({ username: `user-${index}`, password_hash: hash }));
  let database: TestDatabase;
  let stack: Stack;
  let admin: AdminApi;
  let exported: { username: string; password_hash: string }[];

  const stored = async (username: string): Promise<string> => {
    const [row] = await stack.database.query<{ password_hash: string }>(
      sql`SELECT password_hash FROM users WHERE username = ${username}`,
    );
    return row?.password_hash ?? '';
  };

  beforeAll(async () => {
    database = await createServerDatabase(dialect);
    stack = await startAdministered(dialect, { database, environment: ENVIRONMENT, realHashes: true });
    admin = await administrationBy(stack, ROOT, 'admin:users');
    for (let at = 0; at < users.length; at += 50) {
      const answer = await admin.post('/users/import', { users: users.slice(at, at + 50) });
      expect(answer.status).toBe(201);
    }
    const entries: unknown[] = [];
    await new ConfigurationExporter(stack.database, true).read(async (written) => {
      for await (const entry of written.users) entries.push(entry);
    });
    exported = entries as typeof exported;
  }, 300_000);

  // The last test has stopped the server.
  afterAll(() => database.drop());

  it('log in once with the old password, and have argon2id afterwards', async () => {
    for (const { username } of users) {
      expectTokens(await stack.login({ username, password }));
      await stack.application.get(PasswordUpgrades).settled();
      expect(await stored(username)).toMatch(/^\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+\$/);
    }
    for (const { username } of users.slice(-3)) {
      expectTokens(await stack.login({ username, password }));
      expectOAuthError(await stack.login({ username, password: `${password}x` }), 400, 'invalid_grant');
    }
  }, 300_000);

  it('have no digest stored as it was, and no pepper', () => {
    const given = new Map(users.map((user) => [user.username, user.password_hash]));
    const text = JSON.stringify(exported);
    for (const name of Object.keys(peppers)) expect(text).not.toContain(peppers[name]);
    for (const { username, password_hash: hash } of exported) {
      // The step before it is what the old system did; argon2id is ours.
      expect(hash.replace(/^(\{[^}]*\})*/, '')).toMatch(
        /^\$(argon2|2b\$|2y\$|2a\$|scrypt|pbkdf2|fbscrypt|[156PHS]\$|apr1)/,
      );
      if (/^[0-9a-f]{32,}$|^\{S?(SHA|MD5)\d*\}/i.test(given.get(username) ?? ''))
        expect(hash).toContain('}$argon2id$');
    }
  });

  it('move on to another server as they are exported', async () => {
    const some = exported.filter(({ username }) => /[05]$/.test(username) && username.startsWith('user-'));
    expect(some.length).toBeGreaterThan(2);
    const other = await startStack(dialect, {
      environment: ENVIRONMENT,
      configuration: aConfiguration({ users: some }),
    });
    try {
      for (const { username } of some) expectTokens(await other.login({ username, password }));
    } finally {
      await other.stop();
    }
  }, 300_000);

  it('are refused with the reason where their hash cannot be used', async () => {
    const refused = async (hash: string, reason: string) => {
      const answer = await admin.post('/users', { username: 'refused', password_hash: hash });
      expectProblem(answer, 400, 'invalid_request', ['password_hash']);
      expect(answer.text).toContain(reason);
    };
    await refused('{noop}a password', 'is a password and not a hash');
    await refused('{pepper=unknown}$2b$10$L6mRrPYQZ9ZZNjiYLOtJeO.rqjCQlFHDUJeTyCsw26k9jplWBba0K', 'unknown');
    await refused('$2b$10$L6mRrPYQZ9ZZNjiYLOtJeO', '60 characters');
    await refused('$2b$31$L6mRrPYQZ9ZZNjiYLOtJeO.rqjCQlFHDUJeTyCsw26k9jplWBba0K', 'bcrypt cost of 31');
    await refused('$y$j9T$abc$def', 'yescrypt');
    await refused('a password', 'in no form that is supported');
  });

  it('keep a server from starting that lacks their pepper, and say which', async () => {
    const hash = VECTORS.hashes.find(({ system }) => system === 'Devise with a pepper')?.hash;
    const before = await admin.post('/users', { username: 'peppered', password_hash: hash });
    expect(before.status).toBe(201);
    await stack.stop();
    await expect(startAdministered(dialect, { database })).rejects.toThrow(
      /LATCHKEY_PASSWORD_PEPPERS lacks "(devise|firebase)"/,
    );
  });
});
