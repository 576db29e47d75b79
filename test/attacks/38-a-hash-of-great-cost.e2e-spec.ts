import { afterEach, expect, it, jest } from '@jest/globals';
import sql from 'sql-template-tag';
import { PasswordHasher } from '../../apps/authorization-server/src/passwords/password-hasher.js';
import { PasswordUpgrades } from '../../apps/authorization-server/src/users/password-upgrades.js';
import { StoredHashCosts } from '../../apps/authorization-server/src/users/stored-hash-costs.js';
import { UserRepository } from '../../apps/authorization-server/src/users/user-repository.js';
import { administrationBy, EVERYTHING, ROOT, startAdministered } from '../support/admin-api.js';
import { ALICE, aConfiguration, aUser } from '../support/builders.js';
import { describeEachDatabase, type TestDatabase } from '../support/databases.js';
import { eventually } from '../support/eventually.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { FREE_ATTEMPTS, STRICT, tryPassword } from '../support/guessing.js';
import { metricOf } from '../support/metrics.js';
import { createServerDatabase } from '../support/server-databases.js';
import { startStack, type Stack } from '../support/stack.js';

const PASSWORD = 'a password of the old system';
/** bcrypt at cost 13 and 14, and argon2id with more memory than is accepted. */
const SLOW = '$2b$13$WvFz0Tc6j0f.MXuHxDgXUeMLXxmCD.UHTO8zY1p2njD6wqXMwLe4e';
const VERY_SLOW = '$2b$14$lm/p3CVhTxmpOxD8UxSLu.Cf2C.Sav6Tkt/uUGZ3p0/TaTnZywPOy';
const LARGE =
  '$argon2id$v=19$m=307200,t=1,p=1$SVRvK9hZnR3DpUpCYY2YQg$B+laIobNhV5vZoTkzFjATJBTygpO+wBSrd2QI7S8t+U';
const ENORMOUS = LARGE.replace('m=307200,t=1', 'm=1048576,t=8');

const slowUser = (username: string) => ({ username, password_hash: SLOW });
const owner = (username: string) => ({ username, password: PASSWORD });

// Slow hashes take a while where many tests share few processors: their threads have the lowest priority.
jest.setTimeout(300_000);
const HASHED_WITHIN_MS = 240_000;
/** A login that waits for one of them is to end with it: as long as may be set. */
const WAITING = { HASH_QUEUE_DEADLINE_MS: '60000' };

describeEachDatabase('A stored hash of great cost is a matter of its own account', (dialect) => {
  let stack: Stack;
  let database: TestDatabase | null = null;

  afterEach(async () => {
    await stack.stop();
    await database?.drop();
    database = null;
  });

  const load = () => stack.application.get(PasswordHasher).load('slow');

  /** As an earlier version may have stored it. */
  const store = (username: string, hash: string): Promise<void> => {
    const repository = stack.application.get(UserRepository);
    return stack.database.transaction(async (tx) => {
      const stored = await repository.loadByUsername(tx, username);
      if (stored === null) throw new Error(`There is no ${username}`);
      await repository.update(tx, stored.user.key, { passwordHash: hash });
    });
  };

  it('what is too expensive is refused with the limit, and what is slow is accepted with a warning', async () => {
    stack = await startAdministered(dialect, { realHashes: true });
    const api = await administrationBy(stack, ROOT, EVERYTHING);
    const refused = await api.post('/users', { username: 'large', password_hash: ENORMOUS });
    expect(refused.status).toBe(400);
    expect(refused.text).toMatch(/password_hash.*1024 MiB of memory.*at most 64 times and 256 MiB/);
    const some = { users: [{ username: 'usual', password: 'tray mortal crisp lantern' }, slowUser('slow')] };
    const warning = expect.stringMatching(/^password_hash is slow: .* some 32 times .* \(\$2b\$13\)/);
    expect((await api.post('/users/import', some)).json).toEqual({ imported: 2, warnings: [warning] });
    const created = await api.post('/users', slowUser('another'));
    expect(created.json).toMatchObject({ username: 'another', warnings: [warning] });
    const { sub: itsSub } = created.json as { sub: string };
    const set = await api.put(`/users/${itsSub}/password`, { password_hash: SLOW });
    expect(set.json).toMatchObject({ warnings: [warning] });
    expect((await api.put(`/users/${itsSub}/password`, { password_hash: ENORMOUS })).status).toBe(400);
    const warnings = stack.log.filter((line) => line.includes('$2b$13'));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('some 32 times');
    expect(warnings[0]).not.toContain(SLOW.slice(7, 29));
    const users = await stack.database.query<{ sub: string }>(sql`SELECT sub FROM users`);
    for (const { sub } of users) expect(warnings[0]).not.toContain(sub);
  });

  it('refusals, logins and the start of the server do not wait for it', async () => {
    database = await createServerDatabase(dialect);
    const configuration = aConfiguration({ users: [aUser(), ...['a', 'b', 'c'].map(slowUser)] });
    stack = await startStack(dialect, { database, configuration, realHashes: true });
    await store('c', ENORMOUS);
    await stack.stop();

    stack = await startStack(dialect, { database, configuration, realHashes: true, environment: WAITING });
    await stack.application.get(StoredHashCosts).refresh();
    const hasher = stack.application.get(PasswordHasher);
    expect(hasher.knows('$argon2id$v=19$m=1048576,t=8,p=1')).toBe(true);
    expect(
      await metricOf(stack.application, 'latchkey_hash_queue_wait_seconds_count', { lane: 'slow' }),
    ).toBe(0);
    // What the grid of refusals goes by.
    expect(hasher.slowestVerificationMs).toBe(hasher.verificationMs);

    const slow = Promise.all(['a', 'a', 'b', 'b'].map((username) => stack.login(owner(username))));
    await eventually(() => expect(load()).toMatchObject({ waiting: 3, running: 1 }), HASHED_WITHIN_MS);
    expectTokens(await stack.login(ALICE));
    expectOAuthError(await stack.login(owner('nobody')), 400, 'invalid_grant');
    expectOAuthError(await stack.login(owner(ALICE.username)), 400, 'invalid_grant');
    expect(load().running).toBe(1);
    for (const answer of await slow) expectTokens(answer);
  });

  it('a login that does not end before the deadline may be tried again, and then is fast', async () => {
    stack = await startStack(dialect, {
      configuration: aConfiguration({ users: [slowUser('moved')] }),
      environment: { HASH_QUEUE_DEADLINE_MS: '200' },
    });
    await store('moved', VERY_SLOW);
    const late = await stack.login(owner('moved'));
    expectOAuthError(late, 503, 'temporarily_unavailable');
    expect(late.headers['retry-after']).toMatch(/^\d+$/);
    expect(load().running).toBe(1);
    expect(stack.log.filter((line) => line.includes('$2b$14'))).toHaveLength(1);
    await eventually(() => expect(load().running).toBe(0), HASHED_WITHIN_MS);
    await stack.application.get(PasswordUpgrades).settled();
    expectTokens(await stack.login(owner('moved')));
  });

  it('an attempt that does not end before the deadline counts, unless its password is right', async () => {
    stack = await startStack(dialect, {
      ...STRICT,
      configuration: aConfiguration({ ...STRICT.configuration, users: [slowUser('moved')] }),
      environment: { ...STRICT.environment, HASH_QUEUE_DEADLINE_MS: '50' },
    });
    for (let guess = 0; guess < FREE_ATTEMPTS; guess++) {
      const answer = await tryPassword(stack, 'guess', { username: 'moved' });
      expectOAuthError(answer, 503, 'temporarily_unavailable');
      await eventually(() => expect(load().running).toBe(0), HASHED_WITHIN_MS);
    }
    const throttled = await tryPassword(stack, PASSWORD, { username: 'moved' });
    expectOAuthError(throttled, 400, 'invalid_grant');
    expect(load()).toMatchObject({ waiting: 0, running: 0 });
  });

  it('what an earlier version accepted is still right, and leaves with the first login', async () => {
    stack = await startStack(dialect, {
      realHashes: true,
      configuration: aConfiguration({ users: [slowUser('moved')] }),
      environment: WAITING,
    });
    await store('moved', LARGE);
    expectOAuthError(await stack.login({ ...owner('moved'), password: 'guess' }), 400, 'invalid_grant');
    expectTokens(await stack.login(owner('moved')));
    await stack.application.get(PasswordUpgrades).settled();
    const [row] = await stack.database.query<{ password_hash: string }>(
      sql`SELECT password_hash FROM users WHERE username = 'moved'`,
    );
    expect(row?.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,/);
  });
});
