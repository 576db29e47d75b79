import { describe, expect, it } from '@jest/globals';
import { Refusal } from '../refusals/refusal.js';
import type { AccessToken } from './access-token.js';
import { withCustomClaims, type ClaimsParser } from './custom-claims.js';

type Claims = Readonly<Record<string, unknown>>;

const read = (claims: Claims, parse: ClaimsParser | null = null): AccessToken | Refusal => {
  const token = { subject: 'alice' } as Omit<AccessToken, 'claims'>;
  return withCustomClaims(token, claims, parse);
};
const claimsOf = (...parameters: Parameters<typeof read>): Claims => {
  const token = read(...parameters);
  if (token instanceof Refusal) throw new Error(token.toString());
  return token.claims;
};

describe('The claims of the application', () => {
  it('are all claims as they came, where none are parsed', () => {
    const claims = { sub: 'alice', address: { city: 'Rome' }, missing: undefined };
    expect(claimsOf(claims)).toBe(claims);
  });

  it('are what the application makes of all claims', () => {
    const claims = { sub: 'alice', tenant: 't1' };
    expect(claimsOf(claims, ({ tenant }) => ({ tenantId: tenant }))).toEqual({ tenantId: 't1' });
  });

  it('are frozen at every depth, whatever stands beside', () => {
    const claims = () => ({
      list: [{ deep: [1] }, undefined],
      address: { city: 'Rome' },
      nothing: null,
      text: 'x',
      none: undefined,
    });
    const all = [claimsOf(claims()), claimsOf({}, claims)] as ReturnType<typeof claims>[];
    for (const whole of all) {
      for (const part of [whole, whole.list, whole.list[0], whole.list[0]?.deep, whole.address]) {
        expect(Object.isFrozen(part)).toBe(true);
      }
    }
  });

  it('are frozen before the application parses them', () => {
    const change = (claims: Claims) => Object.assign(claims as object, { sub: 'bob' });
    expect(read({ sub: 'alice' }, change)).toMatchObject({ reason: 'claims' });
  });

  it('are frozen without recursion, however deep they are', () => {
    let deep: object = { bottom: true };
    for (let depth = 0; depth < 100_000; depth++) deep = [deep];
    const claims = claimsOf({ deep });
    expect(Object.isFrozen(claims.deep)).toBe(true);
  });

  it('are frozen once where they contain themselves', () => {
    const claims: Record<string, unknown> = { list: [] };
    (claims.list as unknown[]).push(claims);
    expect(Object.isFrozen(claimsOf(claims).list)).toBe(true);
  });

  it('may be instances of classes of the application, which can still change', () => {
    class Tenant {
      visits = 0;
    }
    const tenant = new Tenant();
    const bare = Object.assign(Object.create(null) as object, { own: {} });
    const claims = claimsOf({}, () => ({ tenant, bare }));
    expect(Object.isFrozen(claims.tenant)).toBe(false);
    expect(Object.isFrozen(claims.bare) && Object.isFrozen(bare.own)).toBe(true);
    expect(claimsOf({}, () => tenant)).toBe(tenant);
  });

  it('do not appear where the token is written or copied', () => {
    const token = read({ access_token: 'a secret' });
    expect(Object.isFrozen(token)).toBe(true);
    expect(JSON.stringify(token)).not.toContain('a secret');
    expect({ ...token }).not.toHaveProperty('claims');
  });

  it.each<[string, () => unknown, string]>([
    ['nothing', () => undefined, 'must return an object'],
    ['null', () => null, 'must return an object'],
    ['a text', () => 'tenant', 'must return an object'],
    ['a promise', () => Promise.resolve({}), 'must not return a promise'],
    // Without a handler the rejection would end the process, here too.
    ['a promise that fails', () => Promise.reject(new Error('late')), 'must not return a promise'],
  ])('are refused with the token when the application returns %s', (_, parse, found) => {
    expect(read({}, parse as ClaimsParser)).toMatchObject({
      reason: 'claims',
      found: expect.stringContaining(found),
    });
  });

  it.each<[string, Error]>([
    ['an error', new Error('no tenant')],
    ['something else', 'no tenant' as unknown as Error],
  ])('are refused with the token when the application throws %s, which the log gets', (_, thrown) => {
    const parse = () => {
      throw thrown;
    };
    expect(read({}, parse)).toEqual(
      new Refusal('claims', { expected: 'what claims.parse accepts', found: 'no tenant' }),
    );
  });
});
