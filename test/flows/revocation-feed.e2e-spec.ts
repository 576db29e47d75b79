import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  administerClient,
  administerUser,
  newClient,
  newUserLike,
  type Owner,
} from '../support/administration.js';
import { ALICE, API } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { FeedClient } from '../support/feed-client.js';
import type { Credentials } from '../support/http.js';
import { Servers } from '../support/servers.js';
import { claimsOf, expectSession, type Session } from '../support/sessions.js';
import type { Stack } from '../support/stack.js';

const ELSEWHERE = 'https://elsewhere.example.com/';

/** Over PostgreSQL the listener is at the second of two servers, and whatever happens is done at the first. */
describeEachDatabase('The revocation feed', (dialect) => {
  let servers: Servers;
  let owner: Owner;
  let shop: Credentials;
  const feeds: FeedClient[] = [];

  const here = (): Stack => servers.first;
  const login = async (client = shop): Promise<Session> =>
    expectSession(await here().login(owner, {}, client));

  const listen = async (client?: Credentials): Promise<FeedClient> => {
    const feed = await FeedClient.live(servers.second, client);
    feeds.push(feed);
    return feed;
  };

  /** Waits until the listener has heard of everything that was done before. */
  const settle = async (feed: FeedClient): Promise<void> => {
    const marker = await newUserLike(here(), ALICE);
    const sub = await administerUser(here(), marker.username).sub();
    await administerUser(here(), marker.username).disable();
    await feed.until(() => feed.revoked.some((data) => 'sub' in data && data.sub === sub));
  };

  beforeAll(async () => {
    servers = await Servers.start(dialect);
  });

  beforeEach(async () => {
    owner = await newUserLike(here(), ALICE);
    shop = await newClient(here());
  });

  afterEach(() => {
    for (const feed of feeds.splice(0)) feed.close();
  });

  afterAll(() => servers.stop());

  it('begins with a snapshot, says when it is through, and numbers what it says', async () => {
    const { access_token: token } = await login();
    await here().revoke(token, shop);
    const feed = await listen();
    expect(feed.headers).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    expect(feed.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    const [first] = feed.events;
    expect(first).toMatchObject({
      event: 'snapshot',
      data: { now: expect.any(Number), max_token_lifetime: 900, heartbeat_interval: 1000 },
    });
    expect(feed.events.at(-1)?.event).toBe('live');
    const boot = first?.id.split(':')[0];
    expect(feed.events.map(({ id }) => id)).toEqual(feed.events.map((_, index) => `${boot}:${index}`));
    const sid = claimsOf({ access_token: token } as Session).sid;
    expect(feed.snapshot).toContainEqual({ sid, at: expect.any(Number) });
  });

  it('has one boot id for all streams of a run of the server, and another one for the next run', async () => {
    const boots = [await listen(), await listen()].map(({ events }) => events[0]?.id.split(':')[0]);
    expect(boots[0]).toBe(boots[1]);
    await servers.restart();
    expect((await listen()).events[0]?.id.split(':')[0]).not.toBe(boots[0]);
  });

  it('tells of a revoked session, once', async () => {
    const feed = await listen();
    const session = await login();
    await here().revoke(session.access_token, shop);
    await here().revoke(session.refresh_token, shop);
    await settle(feed);
    const { sid } = claimsOf(session);
    expect(feed.revoked.filter((data) => 'sid' in data)).toEqual([{ sid, at: expect.any(Number) }]);
  });

  it('tells nothing of logins and refreshes', async () => {
    const feed = await listen();
    await here().refresh((await login()).refresh_token, {}, shop);
    await here().login({ ...owner, password: 'wrong' }, {}, shop);
    const before = feed.revoked.length;
    await settle(feed);
    const about = feed.revoked.slice(before).map((data) => ('sub' in data ? data.sub : data));
    expect(new Set(about).size).toBe(1);
  });

  it.each([
    ['a disabled user', () => administerUser(here(), owner.username).disable()],
    ['a new password', () => administerUser(here(), owner.username).changePassword('another long password')],
    ['a deleted user', () => administerUser(here(), owner.username).delete()],
  ])('tells of %s by a higher epoch', async (_, change) => {
    const feed = await listen();
    const session = await login();
    const { sub } = claimsOf(session);
    await change();
    await feed.until(() =>
      feed.revoked.some((data) => 'sub' in data && data.sub === sub && data.epoch === 1),
    );
    expect(claimsOf(session)).toMatchObject({ user_epoch: 0, client_epoch: expect.any(Number) });
  });

  it.each([
    ['a disabled client', () => administerClient(here(), shop.clientId).disable()],
    ['a new secret', () => administerClient(here(), shop.clientId).replaceSecret('s'.repeat(40))],
    [
      'a lost grant',
      () => administerClient(here(), shop.clientId).update(() => ({ grantTypes: ['refresh_token'] })),
    ],
    ['a deleted client', () => administerClient(here(), shop.clientId).delete()],
  ])('tells of %s by a higher epoch', async (_, change) => {
    const feed = await listen();
    const { client_epoch: epoch } = claimsOf(await login());
    await change();
    await feed.until(() =>
      feed.revoked.some(
        (d) => 'epoch' in d && 'client_id' in d && d.client_id === shop.clientId && d.epoch > Number(epoch),
      ),
    );
  });

  it.each([
    [
      'groups and scope of a user',
      () => administerUser(here(), owner.username).limit('resources:read'),
      'sub',
    ],
    [
      'the scope of a client',
      () => administerClient(here(), shop.clientId).update(() => ({ defaultScope: null })),
      'client_id',
    ],
  ])('tells of other %s by the same epoch', async (_, change, key) => {
    const feed = await listen();
    const claims = claimsOf(await login());
    await change();
    await feed.until(() =>
      feed.revoked.some((data) => (data as unknown as typeof claims)[key] === claims[key]),
    );
    const epochs = feed.revoked.map((data) => (data as { epoch?: number }).epoch);
    expect(Math.max(...epochs.map(Number))).toBe(claims[key === 'sub' ? 'user_epoch' : 'client_epoch']);
  });

  it('lets a client that is registered anew under a deleted name begin above the epoch that was told', async () => {
    const feed = await listen();
    const registration = await administerClient(here(), shop.clientId).registration();
    await administerClient(here(), shop.clientId).delete();
    await administerClient(here(), shop.clientId).register(registration, shop.secret);
    const { client_epoch: epoch } = claimsOf(await login());
    await settle(feed);
    const told = feed.revoked.flatMap((d) =>
      'epoch' in d && 'client_id' in d && d.client_id === shop.clientId ? [d.epoch] : [],
    );
    expect(Number(epoch)).toBeGreaterThanOrEqual(Math.max(...told));
  });

  it('tells of sessions only those whose API they were for, and of users and clients everybody', async () => {
    const [ours, elsewhere] = [
      await newClient(here(), { mayIntrospect: true, audience: [API] }),
      await newClient(here(), { mayIntrospect: true, audience: [ELSEWHERE] }),
    ];
    const session = await login();
    await here().revoke(session.access_token, shop);
    const [feed, other] = [await listen(ours), await listen(elsewhere)];
    const second = await login();
    await here().revoke(second.access_token, shop);
    await settle(feed);
    await settle(other);
    const sids = (data: readonly unknown[]) => data.flatMap((each) => (each as { sid?: string }).sid ?? []);
    expect(sids(feed.snapshot)).toContain(claimsOf(session).sid);
    expect(sids(feed.revoked)).toEqual([claimsOf(second).sid]);
    expect([...sids(other.snapshot), ...sids(other.revoked)]).toEqual([]);
  });

  it('beats with the clock of the database, never ahead of it', async () => {
    const feed = await listen();
    await feed.until(() => feed.heartbeats.length >= 2);
    const now = servers.second.database.notifications.latestTime();
    const beats = feed.heartbeats.map(({ data }) => Number(data.now));
    expect(beats).toEqual([...beats].sort((a, b) => a - b));
    expect(beats.at(-1)).toBeLessThanOrEqual(now);
    expect(Number(feed.events[0]?.data.now)).toBeLessThanOrEqual(now);
  });

  describe('ends, and says so,', () => {
    let listener: Credentials;
    let feed: FeedClient;

    beforeEach(async () => {
      listener = await newClient(here(), { mayIntrospect: true });
      feed = await listen(listener);
    });

    it.each([
      ['is disabled', () => administerClient(here(), listener.clientId).disable()],
      ['is deleted', () => administerClient(here(), listener.clientId).delete()],
      ['loses its secret', () => administerClient(here(), listener.clientId).replaceSecret('s'.repeat(40))],
      [
        'may not introspect',
        () => administerClient(here(), listener.clientId).update(() => ({ mayIntrospect: false })),
      ],
    ])('when its client %s any more', async (_, change) => {
      await change();
      await feed.ended();
      expect(feed.events.at(-1)).toMatchObject({ event: 'reconnect', data: {} });
      await expect(FeedClient.open(servers.second, listener)).rejects.toThrow(/ (401|403):/);
    });

    it('when a client gets longer tokens than it was told of', async () => {
      await administerClient(here(), shop.clientId).update(() => ({ accessTokenTtl: 3600 }));
      await feed.ended();
      expect(feed.named('reconnect')).toHaveLength(1);
      expect((await listen(listener)).events[0]?.data.max_token_lifetime).toBe(4200);
    });

    it('when the server stops, which it does not keep waiting', async () => {
      await servers.restart();
      await feed.ended();
      expect(feed.named('reconnect')).toHaveLength(1);
    });
  });
});
