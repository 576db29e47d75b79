import { describe, expect, it } from '@jest/globals';
import type { AccessTokenClaims } from './access-token-claims.js';
import { packClaims, unpackClaims } from './packed-claims.js';

const CLAIMS: AccessTokenClaims = {
  iss: 'https://id.example.com',
  sub: 'alice',
  aud: 'https://api.example.com/',
  exp: 1_700_000_300,
  iat: 1_700_000_000,
  jti: '018f0000-0000-7000-8000-000000000001',
  client_id: 'shop',
  scope: 'read write',
  sid: '018f0000-0000-7000-8000-000000000002',
  auth_time: 1_699_999_940,
  client_epoch: 3,
};
const owners = (...amr: string[]) => ({ user_epoch: 5, amr });
const PASSWORD = { ...CLAIMS, ...owners('pwd'), acr: 'urn:latchkey:acr:pwd' };
const SECOND_FACTOR = { ...CLAIMS, ...owners('pwd', 'otp', 'mfa'), acr: 'urn:latchkey:acr:mfa' };

describe('Packed claims', () => {
  it.each([CLAIMS, PASSWORD, SECOND_FACTOR, { ...PASSWORD, aud: ['a', 'b'] }])(
    'say the same as before, without names: %j',
    (claims) => {
      const text = packClaims(claims);
      expect(unpackClaims(text)).toEqual(claims);
      expect(text).not.toMatch(/"(iss|sub|exp|acr)"/);
    },
  );

  // The tokens of an earlier version are read by a later one, and while both run, also the other way round.
  it('have a form that stays', () => {
    const [jti, sid] = ['AY8AAAAAcACAAAAAAAAAAQ', 'AY8AAAAAcACAAAAAAAAAAg'];
    const aud = 'https://api.example.com/';
    const always = [CLAIMS.iss, 'alice', aud, 300, CLAIMS.iat, jti, 'shop', 'read write', sid, 60, 3];
    expect(JSON.parse(packClaims(CLAIMS))).toEqual([...always, null]);
    expect(JSON.parse(packClaims(PASSWORD))).toEqual([...always, 5]);
    expect(JSON.parse(packClaims(SECOND_FACTOR))).toEqual([...always, 5, 'pwd otp mfa']);
  });

  it('are also read from an object with all names, as an earlier version sealed it', () => {
    expect(unpackClaims(JSON.stringify(SECOND_FACTOR))).toEqual(SECOND_FACTOR);
  });
});
