import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { AccessToken } from '../claims/access-token.js';
import { aToken } from '../claims/a-token.spec-support.js';
import type { ResourceServerOptions } from '../options/resource-server-options.js';
import { ResourceServerSettings } from '../options/resource-server-settings.js';
import { FakeAuthorizationServer } from '../testing/fake-authorization-server.js';
import { FakeFeed } from '../testing/fake-feed.js';
import { TokenChecks } from './token-checks.js';
import { AUDIENCE, feedIs, KeyServer, listen, OTHER, urlOf, verdictOf } from './token-checks.spec-support.js';

const NAMES = { sid: 's', client_epoch: 1, user_epoch: 1 };

describe('TokenChecks, of the sources of its answers', () => {
  let server: FakeAuthorizationServer;
  let feed: FakeFeed;
  let feedServer: Server;
  let keys: KeyServer;
  let checks: TokenChecks;

  /** Says the same of every token, and counts how often it is asked. */
  const introspector = {
    asked: 0,
    answer: aToken(),
    introspect(): Promise<AccessToken | null> {
      this.asked++;
      return Promise.resolve(this.answer);
    },
  };

  const start = (options: Partial<ResourceServerOptions>): TokenChecks =>
    (checks = new TokenChecks(new ResourceServerSettings({ audience: AUDIENCE, ...options })));
  const asking = (changes: Partial<ResourceServerOptions> = {}) =>
    start({ ...server.options, revocationFeed: undefined, ...changes });
  /** The application's introspector. */
  const withOwn = (options: Partial<ResourceServerOptions> = {}) =>
    start({ issuer: server.url, introspector, ...options });
  const withFeed = () => ({
    clientId: 'api',
    clientSecret: 'secret',
    revocationFeed: { endpoint: urlOf(feedServer) },
  });
  const live = async () => {
    checks.onApplicationBootstrap();
    await feedIs(checks.status, 'live');
  };
  const reasonOf = (token: string) => verdictOf(checks, token);

  beforeEach(async () => {
    server = await FakeAuthorizationServer.start({ audience: AUDIENCE });
    keys = await new KeyServer().start();
    feed = new FakeFeed();
    feedServer = createServer((_, response) => feed.accept(response));
    await listen(feedServer);
    Object.assign(introspector, { asked: 0, answer: aToken() });
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await checks.onApplicationShutdown();
    feed.stop();
    feedServer.close();
    feedServer.closeAllConnections();
    keys.stop();
    await server.stop();
  });

  it('asks the server about the tokens of every issuer where no other is known', async () => {
    asking();
    expect(await reasonOf(await keys.jwt(OTHER))).toBe('inactive');
    expect(checks.status.counters.introspections).toBe(1);
  });

  it('validates the tokens of issuers that the application finds, beside the server', async () => {
    asking({ issuers: (issuer) => ({ issuer, subjectPrefix: 'other:', jwks: keys.jwks }) });
    expect(await reasonOf(await keys.jwt(OTHER))).toBe('accepted');
    expect(await reasonOf(server.token())).toBe('accepted');
    expect(checks.status.counters).toMatchObject({ introspections: 1, validations: 1 });
  });

  it('validates the tokens of the server itself also where other issuers are known', async () => {
    const issuers = [{ issuer: OTHER, subjectPrefix: 'other:', jwks: keys.jwks }];
    asking({ validation: 'local', jwks: keys.jwks, issuers });
    for (const issuer of [server.url, OTHER]) {
      expect(await reasonOf(await keys.jwt(issuer))).toBe('accepted');
    }
    expect(checks.status.counters).toMatchObject({ introspections: 0, validations: 2 });
  });

  it('asks the server about a token whose key is not known, while its feed is live', async () => {
    asking({ ...withFeed(), validation: 'local', jwks: keys.jwks });
    await live();
    expect(await reasonOf(await keys.jwt(server.url, NAMES, 'another'))).toBe('inactive');
    expect(checks.status.counters).toMatchObject({ introspections: 1, validations: 1 });
  });

  it("takes a token for expired by the server's clock, when its own is late", async () => {
    asking({ ...withFeed(), validation: 'local', jwks: keys.jwks });
    await live();
    const now = Date.now();
    const token = await keys.jwt(server.url, { ...NAMES, exp: Math.floor(now / 1000) - 10 });
    jest.spyOn(Date, 'now').mockReturnValue(now - 3_600_000);
    expect(await reasonOf(token)).toBe('expired');
  });

  it('fetches the keys again when a new stream begins, because their withdrawal may have been missed', async () => {
    asking({ ...withFeed(), validation: 'local', jwks: keys.jwks });
    await live();
    const accepted = async (jti: string) => {
      expect(await reasonOf(await keys.jwt(server.url, { ...NAMES, jti }))).toBe('accepted');
      return keys.asked;
    };
    expect([await accepted('1'), await accepted('2')]).toEqual([1, 1]);
    const degraded = feedIs(checks.status, 'degraded');
    feedServer.closeAllConnections();
    await degraded;
    await feedIs(checks.status, 'live');
    expect([await accepted('3'), await accepted('4')]).toEqual([2, 2]);
  });

  describe('with an introspector of the application', () => {
    it('asks it about each request, also when two come at once', async () => {
      withOwn();
      expect(await Promise.all([reasonOf('t'), reasonOf('t')])).toEqual(['accepted', 'accepted']);
      expect(introspector.asked).toBe(2);
    });

    it('refuses what the feed has ended, also where nothing is cached', async () => {
      withOwn({ ...withFeed(), cache: { ttlMs: 0 } });
      await live();
      expect(await reasonOf('t')).toBe('accepted');
      feed.end('session');
      while (checks.status.tombstones === 0) await new Promise((resolve) => setImmediate(resolve));
      expect(await reasonOf('t')).toBe('revoked');
    });

    it('remembers a token that the feed could not end only where there is no feed', async () => {
      introspector.answer = aToken({ sessionId: null });
      withOwn(withFeed());
      await live();
      expect([await reasonOf('t'), await reasonOf('t'), introspector.asked]).toEqual([
        'accepted',
        'accepted',
        2,
      ]);
      await checks.onApplicationShutdown();
      withOwn({ cache: { ttlMs: 60_000 } });
      expect([await reasonOf('t'), await reasonOf('t'), introspector.asked]).toEqual([
        'accepted',
        'accepted',
        3,
      ]);
    });
  });
});
