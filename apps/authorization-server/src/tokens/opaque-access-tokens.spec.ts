import { describe, expect, it } from '@jest/globals';
import type { DataKey } from '../data-keys/data-key.js';
import type { DataKeysService } from '../data-keys/data-keys.service.js';
import { KeyRing } from '../data-keys/key-ring.js';
import { OpaqueAccessTokens } from './opaque-access-tokens.js';

const KEY: DataKey = {
  kid: Buffer.alloc(8, 1).toString('base64url'),
  purpose: 'sealing',
  state: 'active',
  material: Buffer.alloc(32, 2),
};
/** Sealed with that key by an earlier version. */
const TOKEN =
  'lka_AQEBAQEBAQFE1T61pNTxbiSpHjlycAWkX6lK4VkWBSDjSgOmVNyp_U5h4QysdbAUzqrAFuQkshE78nfVcaPXHDUI_mMJwI89WZYsBn0RXQ9nwh2rU-oXwIcmBYGIaDp94j50FPQtgNo1dlccoSGiz5sSczA6CwkEDNLjaFtf3LuZCliZ7Oxy59yRef2dlpIL3Srq-v9q5lWlWfkaa7gR482cOUSY-Dxrl5VOzpuDa69oQsFd3oVy5l6xeCOf6obpUmE';
const CLAIMS = {
  iss: 'https://id.example.com',
  sub: 'alice',
  aud: 'https://api.example.com/',
  exp: 1_700_000_300,
  iat: 1_700_000_000,
  jti: '018f0000-0000-7000-8000-000000000001',
  client_id: 'shop',
  scope: 'read',
  sid: '018f0000-0000-7000-8000-000000000002',
  auth_time: 1_700_000_000,
  client_epoch: 3,
  user_epoch: 5,
  amr: ['pwd'],
  acr: 'urn:latchkey:acr:pwd',
};

const tokensWith = (...keys: DataKey[]) =>
  new OpaqueAccessTokens({ ring: new KeyRing(keys) } as DataKeysService);
const textOf = (bytes: Buffer) => `lka_${bytes.toString('base64url')}`;

describe('OpaqueAccessTokens', () => {
  const tokens = tokensWith(KEY);
  const bytes = Buffer.from(TOKEN.slice(4), 'base64url');

  // Tokens outlive an update of the server, and two versions run at once while it lasts.
  it('reads what an earlier version has sealed', () => {
    expect(tokens.open(TOKEN)).toEqual(CLAIMS);
  });

  it('seals under another key each time, of the same length', () => {
    const sealed = Array.from({ length: 50 }, () => tokens.seal(CLAIMS));
    expect(new Set(sealed.map((token) => token.slice(15, 47))).size).toBe(50);
    for (const token of sealed) {
      expect(token).toHaveLength(TOKEN.length);
      expect(tokens.open(token)).toEqual(CLAIMS);
    }
  });

  it('reads with the key that the token names, while it is not revoked', () => {
    const active: DataKey = { ...KEY, kid: 'AAAAAAAAAAA', material: Buffer.alloc(32, 3) };
    const retired = tokensWith(active, { ...KEY, state: 'retired' });
    expect(retired.open(TOKEN)).toEqual(CLAIMS);
    expect(retired.open(retired.seal(CLAIMS))).toEqual(CLAIMS);
    expect(tokens.open(retired.seal(CLAIMS))).toBeNull();
    expect(tokensWith(active, { ...KEY, state: 'revoked' }).open(TOKEN)).toBeNull();
    expect(tokensWith({ ...KEY, purpose: 'refresh' }).open(TOKEN)).toBeNull();
    expect(tokensWith({ ...KEY, material: Buffer.alloc(32, 4) }).open(TOKEN)).toBeNull();
  });

  it('reads nothing in which one bit differs', () => {
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(tokens.open(textOf(changed))).toBeNull();
    }
  });

  it('reads nothing that was cut, at any place', () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(tokens.open(textOf(bytes.subarray(0, length)))).toBeNull();
    }
  });

  it.each([
    ['without the prefix', TOKEN.slice(4)],
    ['with another prefix', TOKEN.replace('lka_', 'lkr_')],
    ['padded', `${TOKEN}=`],
    ['with white space', `${TOKEN} `],
  ])('reads no token %s', (_, token) => {
    expect(tokens.open(token)).toBeNull();
  });
});
