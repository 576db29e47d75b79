import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { AccessToken } from '../claims/access-token.js';
import { aToken } from '../claims/a-token.spec-support.js';
import type { ResourceServerOptions } from '../options/resource-server-options.js';
import { ResourceServerSettings } from '../options/resource-server-settings.js';
import { FakeAuthorizationServer } from '../testing/fake-authorization-server.js';
import { TokenChecks } from './token-checks.js';
import { AUDIENCE, feedIs, KeyServer, OTHER, verdictOf } from './token-checks.spec-support.js';

describe('TokenChecks', () => {
  let server: FakeAuthorizationServer;
  let keys: KeyServer;
  let logged: string[];
  let checks: TokenChecks;

  /** Knows the token `good`, and counts how often it is asked. */
  const introspector = {
    asked: 0,
    introspect(token: string): Promise<AccessToken | null> {
      this.asked++;
      return Promise.resolve(token === 'good' ? aToken() : null);
    },
  };

  const start = (options: Partial<ResourceServerOptions>): TokenChecks =>
    (checks = new TokenChecks(new ResourceServerSettings({ audience: AUDIENCE, ...options })));
  const asking = (changes: Partial<ResourceServerOptions> = {}) => {
    return start({ ...server.options, revocationFeed: undefined, ...changes });
  };
  const reasonOf = (token: string) => verdictOf(checks, token);

  beforeEach(async () => {
    server = await FakeAuthorizationServer.start({ audience: AUDIENCE });
    keys = await new KeyServer().start();
    logged = [];
    jest.spyOn(Logger.prototype, 'log').mockImplementation((message: string) => void logged.push(message));
    introspector.asked = 0;
  });

  afterEach(async () => {
    await checks.onApplicationShutdown();
    await server.stop();
    keys.stop();
    jest.restoreAllMocks();
  });

  describe('with the authorization server', () => {
    it('asks it each time where nothing is cached', async () => {
      asking();
      const token = server.token();
      expect(await reasonOf(token)).toBe('accepted');
      server.revoke(token);
      expect(await reasonOf(token)).toBe('inactive');
      expect(checks.status.counters).toMatchObject({ introspections: 2, validations: 0 });
      expect([checks.circuit, checks.status.feedState]).toEqual(['closed', 'off']);
    });

    it('remembers an answer as long as the cache may', async () => {
      asking({ cache: { ttlMs: 60_000 } });
      const token = server.token();
      await reasonOf(token);
      expect(await reasonOf(token)).toBe('accepted');
      expect(checks.status).toMatchObject({ rememberedTokens: 1, counters: { introspections: 1, hits: 1 } });
    });

    it('follows its feed, which ends what is remembered', async () => {
      start(server.options);
      checks.onApplicationBootstrap();
      await feedIs(checks.status, 'live');
      const token = server.token();
      expect([await reasonOf(token), await reasonOf(token)]).toEqual(['accepted', 'accepted']);
      expect(checks.status.counters).toMatchObject({ introspections: 1, hits: 1 });
      server.revoke(token);
      while (checks.status.tombstones === 0) await new Promise((resolve) => setImmediate(resolve));
      expect(await reasonOf(token)).toBe('inactive');
      expect(checks.status.counters).toMatchObject({ introspections: 2, hits: 1, feedEvents: 1 });
      await checks.onApplicationShutdown();
      expect(checks.status.feedState).not.toBe('live');
    });

    it('validates its tokens with its keys while the feed is live, and asks otherwise', async () => {
      start({ ...server.options, validation: 'local', jwks: keys.jwks });
      const token = await keys.jwt(server.url, { sid: 's', client_epoch: 1, user_epoch: 1 });
      expect(await reasonOf(token)).toBe('inactive');
      checks.onApplicationBootstrap();
      await feedIs(checks.status, 'live');
      const other = await keys.jwt(server.url, { sid: 's', client_epoch: 1, user_epoch: 1, jti: '2' });
      expect(await reasonOf(other)).toBe('accepted');
      expect(checks.status.counters).toMatchObject({ introspections: 1, validations: 1 });
    });
  });

  describe('with an introspector of the application', () => {
    const of = (options: Partial<ResourceServerOptions> = {}) =>
      start({ issuer: server.url, introspector, ...options });

    it('asks it each time, unless a cache is configured', async () => {
      of();
      expect([await reasonOf('good'), await reasonOf('good')]).toEqual(['accepted', 'accepted']);
      expect([introspector.asked, checks.circuit]).toEqual([2, null]);
      of({ cache: { ttlMs: 60_000 } });
      expect([await reasonOf('good'), await reasonOf('good')]).toEqual(['accepted', 'accepted']);
      expect(introspector.asked).toBe(3);
    });

    it('remembers while the feed says that nothing has changed', async () => {
      const { clientId, clientSecret, revocationFeed } = server.options;
      of({ clientId, clientSecret, revocationFeed });
      checks.onApplicationBootstrap();
      await feedIs(checks.status, 'live');
      expect([await reasonOf('good'), await reasonOf('good')]).toEqual(['accepted', 'accepted']);
      expect(introspector.asked).toBe(1);
    });
  });

  describe('with the keys of other issuers', () => {
    const issuers = () => [{ issuer: OTHER, subjectPrefix: 'other:', jwks: keys.jwks }];

    it('validates their tokens, and asks the server about all others', async () => {
      asking({ issuers: issuers() });
      const token = await keys.jwt(OTHER);
      expect([await reasonOf(token), await reasonOf(token)]).toEqual(['accepted', 'accepted']);
      expect(await reasonOf(server.token())).toBe('accepted');
      expect(await reasonOf(await keys.jwt(server.url))).toBe('inactive');
      expect(await reasonOf(await keys.jwt('https://unknown.example'))).toBe('issuer');
      expect(checks.status.counters).toMatchObject({ introspections: 2, validations: 2, hits: 1 });
      expect([keys.asked, checks.status.rememberedTokens]).toEqual([1, 1]);
    });

    it('needs no server that is asked', async () => {
      start({ issuers: issuers() });
      expect(await reasonOf(await keys.jwt(OTHER))).toBe('accepted');
      expect(await reasonOf(server.token())).toBe('token_type');
      expect([checks.circuit, checks.status.rememberedTokens]).toEqual([null, 1]);
    });

    it('finds issuers by a function of the application', async () => {
      start({ issuers: (name) => issuers().find(({ issuer }) => issuer === name) });
      expect(await reasonOf(await keys.jwt(OTHER))).toBe('accepted');
      expect(await reasonOf(await keys.jwt('https://unknown.example'))).toBe('issuer');
    });

    it('validates the tokens of the server itself where that is wanted without a feed', async () => {
      asking({ validation: 'local', jwks: keys.jwks });
      expect(await reasonOf(await keys.jwt(server.url))).toBe('accepted');
      // What is no JWT only the server can tell.
      expect(await reasonOf(server.token())).toBe('accepted');
      expect(checks.status.counters).toMatchObject({ introspections: 1, validations: 1 });
    });
  });

  describe('for the application', () => {
    it('looks up in the same way, without reasons', async () => {
      asking({ cache: { ttlMs: 60_000 } });
      expect(await checks.introspector.introspect('unknown')).toBeNull();
      const token = server.token({ subject: 'bob' });
      expect((await checks.introspector.introspect(token))?.subject).toBe('bob');
      expect(checks.lookup.getCached(token)).toMatchObject({ subject: 'bob' });
    });

    it('uses an introspector that replaces ours, without our feed and what it promises', async () => {
      start(server.options);
      expect(checks.lookupFor(checks.introspector)).toBe(checks.lookup);
      const replaced = checks.lookupFor(introspector);
      expect(await replaced.lookUp('good')).toMatchObject({ subject: 'alice' });
      checks.onApplicationBootstrap();
      expect([logged, checks.status.counters.feedConnections]).toEqual([[], 0]);
    });

    it.each<[string, Partial<ResourceServerOptions>, (string | RegExp)[]]>([
      ['one server', { cache: { ttlMs: 1000 } }, [/^No token is accepted later than 3000 ms/]],
      [
        'another issuer',
        { issuers: [{ issuer: OTHER, subjectPrefix: '' }] },
        [
          /^No token of http:\/\/127.* is accepted later/,
          /^Tokens of https:\/\/other.example are validated by/,
        ],
      ],
      [
        'a function',
        { issuers: () => null },
        [/^No token of http/, /^Tokens of issuers that the application finds are validated by/],
      ],
    ])('says at the start how late a revocation may be seen, with %s', (_, options, lines) => {
      asking(options).onApplicationBootstrap();
      expect(logged).toEqual(lines.map((line) => expect.stringMatching(line)));
    });

    it('promises nothing for an introspector of the application', () => {
      start({ issuer: server.url, introspector }).onApplicationBootstrap();
      expect(logged).toEqual([]);
    });
  });
});
