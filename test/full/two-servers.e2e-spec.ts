import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ScopeSet } from '@latchkey/contracts';
import sql from 'sql-template-tag';
import { DataKeysService } from '../../apps/authorization-server/src/data-keys/data-keys.service.js';
import { PasswordUpgrades } from '../../apps/authorization-server/src/users/password-upgrades.js';
import { UserRepository } from '../../apps/authorization-server/src/users/user-repository.js';
import {
  administerClient,
  administerUser,
  ADMINISTRATOR,
  newClient,
  newUserLike,
  type Owner,
} from '../support/administration.js';
import { ALICE, RESOURCE_SERVER } from '../support/builders.js';
import type { TestDatabase } from '../support/databases.js';
import { FeedClient } from '../support/feed-client.js';
import { ReceivedNotifications } from '../support/received-notifications.js';
import { LEGACY_HASHES } from '../support/legacy-hashes.js';
import type { Credentials } from '../support/http.js';
import { createServerDatabase } from '../support/server-databases.js';
import { claimsOf, expectSession, isActive, type Session } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const ENVIRONMENT = { ISSUER: 'https://login.example.com' };

/** What is done at the first server has to be known to the second one, which has everything in memory. */
describe('Two servers over one PostgreSQL', () => {
  let database: TestDatabase;
  let first: Stack;
  let second: Stack;
  let owner: Owner;
  let shop: Credentials;
  let session: Session;

  const user = () => administerUser(first, owner.username);
  const client = () => administerClient(first, shop.clientId);
  const scopeAt = async (stack: Stack) =>
    ((await stack.introspect(session.access_token)).json as { scope?: string }).scope;

  /** Waits until the second server has heard of everything that was committed before. */
  const settle = async (): Promise<void> => {
    const notifications = new ReceivedNotifications(second.database);
    await first.database.transaction((tx) => tx.notify('{"kind":"token_lifetime","marker":true}'));
    await notifications.until(() => notifications.received.some((payload) => payload.includes('marker')));
  };

  beforeAll(async () => {
    database = await createServerDatabase('postgres');
    first = await startStack('postgres', { database, environment: ENVIRONMENT });
    second = await startStack('postgres', { database, environment: ENVIRONMENT });
  });

  beforeEach(async () => {
    owner = await newUserLike(first, ALICE);
    shop = await newClient(first);
    session = expectSession(await second.login(owner, {}, shop));
    for (const stack of [first, second]) expect(await isActive(stack, session)).toBe(true);
  });

  afterAll(async () => {
    await first.stop();
    await second.stop();
    await database.drop();
  });

  it.each([
    ['one session is revoked', () => first.revoke(session.access_token, shop)],
    ['the user is disabled', () => user().disable()],
    ['the user is deleted', () => user().delete()],
    ['the password changes', () => user().changePassword('new correct horse battery staple')],
    ['the client is disabled', () => client().disable()],
    ['the client is deleted', () => client().delete()],
    ['the client gets another secret', () => client().replaceSecret('x'.repeat(40))],
    ['a grant is removed', () => client().update(() => ({ grantTypes: ['refresh_token'] }))],
    [
      'the whole scope is removed',
      () => client().update(() => ({ scope: ScopeSet.EMPTY, defaultScope: null })),
    ],
  ])('%s: the token is dead at both', async (_, end) => {
    await end();
    expect(await isActive(first, session)).toBe(false);
    await settle();
    expect(await isActive(second, session)).toBe(false);
  });

  it('a scope that a user or a client loses is gone at both', async () => {
    const scope = ScopeSet.parse('resources:read');
    await user().limit('resources:read');
    await settle();
    expect([await scopeAt(first), await scopeAt(second)]).toEqual(['resources:read', 'resources:read']);
    await user().limit(null);
    await client().update(() => ({ scope, defaultScope: scope }));
    await settle();
    expect([await scopeAt(first), await scopeAt(second)]).toEqual(['resources:read', 'resources:read']);
  });

  it('a hash that one has replaced is verified by the other once more at most', async () => {
    const remembered = () => second.application.get(UserRepository).findByUsername(owner.username);
    const legacy = LEGACY_HASHES['bcrypt-2b']?.(owner.password) ?? '';
    await user().setPasswordHash(legacy);
    await settle();
    expect((await remembered())?.passwordHash).toBe(legacy);
    expectSession(await first.login(owner, {}, shop));
    await first.application.get(PasswordUpgrades).settled();
    expectSession(await second.login(owner, {}, shop));
    await second.application.get(PasswordUpgrades).settled();
    expect((await remembered())?.passwordHash).toMatch(/^\$argon2id/);
  });

  it('data keys that are revoked are out of use at both', async () => {
    await first.application.get(DataKeysService).revoke(['signing'], ADMINISTRATOR);
    await settle();
    // Its next loading of the keys, which the notification has begun, is waited for by asking for one more.
    await second.application.get(DataKeysService).reload();
    for (const stack of [first, second]) expect(await isActive(stack, session)).toBe(false);
  });

  describe('when the second receives no notifications,', () => {
    let proxy: TcpProxy;
    let patient: Stack;

    beforeAll(async () => {
      proxy = await TcpProxy.inFrontOf(database);
      patient = second;
      second = await startStack('postgres', {
        database: proxy.database(database),
        environment: ENVIRONMENT,
        realSync: true,
      });
    });

    afterEach(() => proxy.thaw());

    afterAll(async () => {
      await second.stop();
      await proxy.cut();
      second = patient;
    });

    it('one that has lost its connection for listening asks the database, and remembers again afterwards', async () => {
      const notifications = new ReceivedNotifications(second.database);
      const feed = await FeedClient.live(second);
      const outOfSync = notifications.next('outOfSync');
      await first.database.query(
        sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND query LIKE 'LISTEN%'`,
      );
      await outOfSync;
      await first.revoke(session.access_token, shop);
      expect(await isActive(second, session)).toBe(false);
      await feed.ended();
      expect(feed.named('reconnect')).toHaveLength(1);
      while (!second.database.notifications.inSync) await notifications.next('pulse');
      expect(await isActive(second, session)).toBe(false);
    });

    it('one whose connection for listening is frozen serves nothing stale once it knows', async () => {
      const notifications = new ReceivedNotifications(second.database);
      const feed = await FeedClient.live(second);
      const outOfSync = notifications.next('outOfSync');
      proxy.freeze((sent) => sent.includes('LISTEN'));
      await first.revoke(session.access_token, shop);
      await outOfSync;
      expect(await isActive(second, session)).toBe(false);
      await feed.ended();
      await expect(FeedClient.open(second)).rejects.toThrow(/ 503:/);
      expect((await second.introspect(session.access_token, RESOURCE_SERVER)).status).toBe(200);
      proxy.thaw();
      while (!second.database.notifications.inSync) await notifications.next('pulse');
      const again = await FeedClient.live(second);
      expect(again.snapshot).toContainEqual({ sid: claimsOf(session).sid, at: expect.any(Number) });
      again.close();
    });
  });
});
