import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { SETTLING_MS } from '../../libs/resource-server/src/freshness/tombstones.js';
import { eventually } from '../support/eventually.js';
import { startGuarded, type GuardedApplication, type GuardedOptions } from './support/guarded-application.js';
import { JwtIssuer, newSigningKey } from './support/jwt-issuer.js';

const EPOCHS = { sid: 'session-1', client_epoch: 3, user_epoch: 5 };

describe('Local validation', () => {
  let issuer: JwtIssuer;
  let application: GuardedApplication;

  const start = async ({ options = {}, ...rest }: GuardedOptions = {}) => {
    application = await startGuarded({
      ...rest,
      options: { validation: 'local', jwks: { uri: issuer.url }, ...options },
    });
  };
  const questions = () => application.introspection.asked.length;
  const known = (token: string, claims: Record<string, unknown> = {}) =>
    application.introspection.token(token, { ...EPOCHS, ...claims });
  const untilRefused = (token: string) =>
    eventually(async () => expect(await application.get(token)).toBe(401));

  beforeEach(async () => {
    issuer = await JwtIssuer.start();
  });

  afterEach(async () => {
    await application.stop();
    await issuer.stop();
  });

  it('accepts a JWT without asking anybody, and checks its signature once', async () => {
    await start();
    const token = await issuer.sign({ scope: 'read write' });
    for (let i = 0; i < 3; i++)
      expect(await application.read(token)).toEqual({ sub: 'alice', scope: 'read write' });
    expect(questions()).toBe(0);
    expect(application.status.counters.validations).toBe(1);
    expect(issuer.fetches).toBe(1);
  });

  it('asks about tokens that are no JWTs', async () => {
    await start();
    expect(await application.get(known('lka_opaque'))).toBe(200);
    expect(await application.get('no.jwt.really')).toBe(401);
    expect(questions()).toBe(2);
  });

  it('asks about a JWT that does not name the groups of its owner, once', async () => {
    await start();
    const token = known(await issuer.sign({ groups_omitted: true }));
    expect([await application.get(token), await application.get(token), questions()]).toEqual([200, 200, 1]);
  });

  it('refuses what was revoked before it started', async () => {
    await start();
    application.feed.revoke({ sid: 'session-1' });
    application.feed.cut();
    await application.until('degraded');
    await application.until('live');
    expect(await application.get(await issuer.sign())).toBe(401);
    expect(await application.get(await issuer.sign({ sid: 'session-2' }))).toBe(200);
    expect(questions()).toBe(0);
  });

  it('refuses what was revoked during a gap, and keeps what it heard before', async () => {
    await start();
    const [first, second] = [await issuer.sign({ sid: 'first' }), await issuer.sign({ sid: 'second' })];
    expect(await application.get(first)).toBe(200);
    expect(await application.get(second)).toBe(200);
    application.feed.revoke({ sid: 'first' });
    await untilRefused(first);
    application.feed.forget();
    application.feed.revoke({ sid: 'second' }, { isMissed: true });
    application.feed.cut();
    await application.until('degraded');
    await application.until('live');
    expect(await application.get(second)).toBe(401);
    // This server no longer knows, as one that was set back to a backup: what was heard counts.
    expect(await application.get(first)).toBe(401);
    expect(questions()).toBe(0);
  });

  it('asks whenever the feed is not live', async () => {
    await start({ revocationFeed: { maxStalenessMs: 600 } });
    const token = await issuer.sign();
    expect(await application.get(token)).toBe(200);
    application.feed.refuse((response) => response.writeHead(503).end());
    application.feed.cut();
    await application.until('degraded');
    expect(await application.get(token)).toBe(401);
    expect(questions()).toBe(1);
    known(token);
    await application.until('down');
    expect(await application.get(token)).toBe(200);
    application.feed.refuse(null);
    await application.until('live');
    const asked = questions();
    expect(await application.get(token)).toBe(200);
    expect(questions()).toBe(asked);
  });

  it('after an epoch has ended it asks who is older: a new login works at once', async () => {
    await start();
    const old = await issuer.sign();
    expect(await application.get(old)).toBe(200);
    application.feed.revoke({ sub: 'alice', epoch: 6 });
    // A replica that has not heard still calls the old one active.
    known(old);
    await untilRefused(old);
    // Signed within the same second.
    const login = await issuer.sign({ sid: 'session-2' });
    known(login, { sid: 'session-2', user_epoch: 6 });
    for (let i = 0; i < 3; i++) expect(await application.get(login)).toBe(200);
    expect(await application.get(old)).toBe(401);
    const bob = await issuer.sign({ sub: 'bob', sid: 'session-3' });
    const asked = questions();
    expect(await application.get(bob)).toBe(200);
    expect(questions()).toBe(asked);
  });

  it('after a change of attributes it asks what a token may do', async () => {
    await start();
    const token = await issuer.sign({ scope: 'read write' });
    expect(await application.read(token)).toEqual({ sub: 'alice', scope: 'read write' });
    known(token, { scope: 'read' });
    application.feed.revoke({ client_id: 'shop-backend', epoch: 3 });
    await eventually(async () =>
      expect(await application.read(token)).toEqual({ sub: 'alice', scope: 'read' }),
    );
  });

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['another issuer', { iss: 'https://other.example' }, {}],
    ['another audience', { aud: 'https://other.example' }, {}],
    ['no audience', { aud: undefined }, {}],
    ['an exp in the past', { exp: 1 }, {}],
    ['no exp', { exp: undefined }, {}],
    ['an nbf in the future', { nbf: 4_000_000_000 }, {}],
    ['no client', { client_id: undefined }, {}],
    ['a key that it is bound to', { cnf: { jkt: 'x' } }, {}],
    ['another type', {}, { typ: 'JWT' }],
    ['no type', {}, { typ: undefined }],
    ['a type that is no text', {}, { typ: 1 }],
    ['no key name', {}, { kid: undefined }],
    ['a critical extension', {}, { crit: ['x'], x: 1 }],
  ])('refuses a token with %s, without asking', async (_, claims, header) => {
    await start();
    const isSignable = header.crit === undefined && header.typ !== 1;
    const token = await (isSignable ? issuer.sign(claims, { header }) : unsignable(issuer, header));
    known(token);
    expect(await application.get(token)).toBe(401);
    expect(questions()).toBe(0);
  });

  it('refuses other algorithms and forged signatures, without asking', async () => {
    await start();
    const token = await issuer.sign();
    const [, payload = '', signature = ''] = token.split('.');
    const encode = (header: object) => Buffer.from(JSON.stringify(header)).toString('base64url');
    const stranger = await newSigningKey('key-1');
    for (const forged of [
      `${encode({ alg: 'none', typ: 'at+jwt', kid: 'key-1' })}.${payload}.`,
      `${encode({ alg: 'none', typ: 'at+jwt', kid: 'key-1' })}.${payload}.${signature}`,
      `${encode({ alg: 'HS256', typ: 'at+jwt', kid: 'key-1' })}.${payload}.${signature}`,
      `${encode({ alg: 'ES384', typ: 'at+jwt', kid: 'key-1' })}.${payload}.${signature}`,
      await issuer.sign({}, { key: stranger }),
      await issuer.sign({}, { key: stranger, header: { jwk: stranger.jwk } }),
    ]) {
      known(forged);
      expect(await application.get(forged)).toBe(401);
    }
    expect(questions()).toBe(0);
  });

  it('names of keys that nobody has become one fetch, and questions', async () => {
    await start({ options: { jwks: { uri: issuer.url, cooldownMs: 60_000 } } });
    expect(await application.get(await issuer.sign())).toBe(200);
    for (let i = 0; i < 20; i++) {
      const token = await issuer.sign({}, { header: { kid: `invented-${i}` } });
      expect(await application.get(token)).toBe(401);
    }
    expect(issuer.fetches).toBe(1);
    expect(questions()).toBe(20);
  });

  it('does not go on with a key that a server listed which had not heard of its end', async () => {
    await start();
    const token = await issuer.sign();
    expect(await application.get(token)).toBe(200);
    issuer.keys.splice(0, 1, await newSigningKey('key-2'));
    await sleep(SETTLING_MS);
    expect(await application.get(token)).toBe(401);
    expect(await application.get(await issuer.sign({ jti: 'other' }))).toBe(200);
  });

  it('finds a new key', async () => {
    await start({ options: { jwks: { uri: issuer.url, cooldownMs: 100 } } });
    expect(await application.get(await issuer.sign())).toBe(200);
    const key = await newSigningKey('key-2');
    issuer.keys.push(key);
    const token = await issuer.sign({ sid: 'session-2' }, { key });
    known(token, { sid: 'session-2' });
    await eventually(async () => {
      const fresh = await issuer.sign({ sid: 'session-2', jti: String(Math.random()) }, { key });
      known(fresh, { sid: 'session-2' });
      const asked = questions();
      expect(await application.get(fresh)).toBe(200);
      expect(questions()).toBe(asked);
    });
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['fail', (response) => response.writeHead(500).end()],
    ['redirect', (response) => response.writeHead(302, { location: '/elsewhere' }).end()],
    ['are HTML', (response) => response.end('<html>')],
    ['are huge', (response) => response.end(JSON.stringify({ keys: [], x: 'x'.repeat(1_000_000) }))],
    ['are none', (response) => response.end('{"keys":"none"}')],
    ['break off', (response) => response.destroy()],
  ])('asks when the keys %s', async (_, misbehaviour) => {
    await start();
    issuer.misbehaviour = misbehaviour;
    const token = await issuer.sign();
    known(token);
    expect([await application.get(token), questions()]).toEqual([200, 1]);
    expect([await application.get(token), questions()]).toEqual([200, 1]);
    expect(await application.get(known(await issuer.sign({ jti: 'other' })))).toBe(200);
    expect(issuer.fetches).toBe(1);
  });

  it('takes the keys anew when a stream begins, so that a withdrawn one is no longer good', async () => {
    await start();
    const token = await issuer.sign();
    expect(await application.get(token)).toBe(200);
    issuer.keys = [await newSigningKey('key-2')];
    application.feed.endStreams();
    await untilRefused(token);
  });
});

/** A library that is sound does not sign what it does not understand. */
async function unsignable(issuer: JwtIssuer, header: Record<string, unknown>): Promise<string> {
  const [, payload = '', signature = ''] = (await issuer.sign()).split('.');
  const whole = { alg: 'ES256', typ: 'at+jwt', kid: 'key-1', ...header };
  return `${Buffer.from(JSON.stringify(whole)).toString('base64url')}.${payload}.${signature}`;
}
