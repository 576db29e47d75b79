import { describe, expect, it } from '@jest/globals';
import type { AccessTokenClaims } from './access-token-claims.js';
import { VerifiedTokens } from './verified-tokens.js';

const now = () => Math.floor(Date.now() / 1000);

const claimsOf = (jti: string, exp = now() + 60): AccessTokenClaims => ({
  iss: 'https://login.example.com',
  sub: 'alice',
  aud: 'https://api.example.com/',
  exp,
  iat: 1,
  jti,
  client_id: 'shop',
  scope: 'read',
  sid: 'session',
  auth_time: 1,
  client_epoch: 0,
});

const forbidden = (): never => {
  throw new Error('It should have been remembered');
};

describe('VerifiedTokens', () => {
  it('verifies once', () => {
    const tokens = new VerifiedTokens(10);
    expect(tokens.recall('token')).toBeNull();
    expect(tokens.read('token', () => claimsOf('1'))).toEqual(claimsOf('1'));
    expect(tokens.read('token', forbidden)).toEqual(claimsOf('1'));
    expect(tokens.recall('token')).toEqual(claimsOf('1'));
  });

  it('remembers nothing of what is no token of ours', () => {
    const tokens = new VerifiedTokens(10);
    expect(tokens.read('garbage', () => null)).toBeNull();
    expect(tokens.recall('garbage')).toBeNull();
    expect(tokens.read('garbage', () => claimsOf('1'))).toEqual(claimsOf('1'));
  });

  it('reads what has expired, and does not remember it', () => {
    const tokens = new VerifiedTokens(10);
    const expired = claimsOf('1', now() - 1);
    expect(tokens.read('token', () => expired)).toEqual(expired);
    expect(tokens.recall('token')).toBeNull();
  });

  it('keeps what is asked for, and forgets what is not', () => {
    const tokens = new VerifiedTokens(3);
    for (let index = 0; index < 20; index++) {
      tokens.read(`token-${index}`, () => claimsOf(String(index)));
      tokens.read('often', () => claimsOf('often'));
    }
    expect(tokens.read('often', forbidden)).toEqual(claimsOf('often'));
    expect(tokens.recall('token-0')).toBeNull();
    expect(tokens.recall('token-19')).toEqual(claimsOf('19'));
  });

  it('keeps once what many tokens say', () => {
    const tokens = new VerifiedTokens(10);
    const text = (value: string) => Buffer.from(value).toString();
    const read = (jti: string) =>
      tokens.read(jti, () => ({ ...claimsOf(jti), iss: text('https://login.example.com'), aud: ['a', 'b'] }));
    expect(read('1')?.aud).toEqual(['a', 'b']);
    expect(read('2')).toEqual({ ...claimsOf('2'), aud: ['a', 'b'] });
  });
});
