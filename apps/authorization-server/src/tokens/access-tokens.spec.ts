import { beforeEach, describe, expect, it } from '@jest/globals';
import { newDataKey } from '../data-keys/data-key.js';
import type { DataKeysService } from '../data-keys/data-keys.service.js';
import { KeyRing } from '../data-keys/key-ring.js';
import type { AccessTokenClaims } from './access-token-claims.js';
import { AccessTokens } from './access-tokens.js';
import type { JwtAccessTokens } from './jwt-access-tokens.js';
import type { OpaqueAccessTokens } from './opaque-access-tokens.js';

const claimsOf = (sub: string, exp = 4_000_000_000) => ({ sub, exp }) as AccessTokenClaims;

describe('AccessTokens', () => {
  const keys = { ring: new KeyRing([newDataKey('sealing', 'active')]) };
  /** What is read from each token, and which were verified. */
  let valid: Map<string, AccessTokenClaims>;
  let verified: string[];
  let tokens: AccessTokens;

  beforeEach(() => {
    valid = new Map();
    verified = [];
    const verify = (format: string) => (token: string) => {
      verified.push(`${format} ${token}`);
      return valid.get(token) ?? null;
    };
    tokens = new AccessTokens(
      keys as DataKeysService,
      {
        sign: ({ sub }: AccessTokenClaims, algorithm: string) => `${sub} by ${algorithm}`,
        verify: verify('jwt'),
      } as unknown as JwtAccessTokens,
      {
        seal: ({ sub }: AccessTokenClaims) => `${sub} sealed`,
        open: verify('opaque'),
      } as unknown as OpaqueAccessTokens,
    );
  });

  it('are signed or sealed, as the client wants them', () => {
    expect(tokens.create(claimsOf('alice'), 'opaque', 'ES256')).toBe('alice sealed');
    expect(tokens.create(claimsOf('alice'), 'jwt', 'ES256')).toBe('alice by ES256');
    expect(tokens.create(claimsOf('alice'), 'jwt', 'RS256')).toBe('alice by RS256');
  });

  it('are verified once while they are valid, by their form', () => {
    valid.set('lka_1', claimsOf('alice')).set('a.b.c', claimsOf('bob')).set('b.lka_', claimsOf('carol'));
    for (let turn = 0; turn < 3; turn++) {
      expect(tokens.read('lka_1')?.sub).toBe('alice');
      expect(tokens.read('a.b.c')?.sub).toBe('bob');
      expect(tokens.read('b.lka_')?.sub).toBe('carol');
    }
    expect(verified).toEqual(['opaque lka_1', 'jwt a.b.c', 'jwt b.lka_']);
  });

  it('are read also when they have expired, or are not valid yet', () => {
    const expired = claimsOf('alice', Math.floor(Date.now() / 1000));
    valid.set('a.b.c', expired);
    expect(tokens.read('a.b.c')).toBe(expired);
    expect(tokens.read('a.b.c')).toBe(expired);
    expect(tokens.read('d.e.f')).toBeNull();
    valid.set('d.e.f', claimsOf('bob'));
    expect(tokens.read('d.e.f')?.sub).toBe('bob');
    expect(verified).toEqual(['jwt a.b.c', 'jwt a.b.c', 'jwt d.e.f', 'jwt d.e.f']);
  });

  it('are verified again when the keys have changed, so that a revoked key makes them invalid', () => {
    valid.set('a.b.c', claimsOf('alice'));
    expect(tokens.read('a.b.c')?.sub).toBe('alice');
    valid.clear();
    expect(tokens.read('a.b.c')?.sub).toBe('alice');
    keys.ring = new KeyRing([newDataKey('sealing', 'active')]);
    expect(tokens.read('a.b.c')).toBeNull();
  });
});
