import { beforeEach, describe, expect, it } from '@jest/globals';
import { JwtService } from '@nestjs/jwt';
import { compactVerify, decodeProtectedHeader } from 'jose';
import { newDataKey, toSigningKey, type DataKey } from '../data-keys/data-key.js';
import type { DataKeysService } from '../data-keys/data-keys.service.js';
import { KeyRing } from '../data-keys/key-ring.js';
import type { AccessTokenClaims } from './access-token-claims.js';
import { JwtAccessTokens } from './jwt-access-tokens.js';
import { encodeHeader, signJwt } from './sign-jwt.js';

const [EC, RSA] = [newDataKey('signing', 'active'), newDataKey('signing-rs256', 'active')];
const CLAIMS = { sub: 'alice', exp: 1_700_000_300, iat: 1_700_000_000 } as AccessTokenClaims;

describe('JwtAccessTokens', () => {
  const keys = { ring: new KeyRing([EC, RSA]) };
  const tokens = new JwtAccessTokens(new JwtService({}), keys as DataKeysService);
  const use = (...stored: DataKey[]) => void (keys.ring = new KeyRing(stored));
  /** Signed by the key, with any header. */
  const signed = (key: DataKey, header: object) =>
    signJwt(encodeHeader(header), CLAIMS, toSigningKey(key).privateKey);
  const header = { alg: 'ES256', typ: 'at+jwt', kid: EC.kid };

  beforeEach(() => use(EC, RSA));

  it.each([
    ['ES256', EC],
    ['RS256', RSA],
  ] as const)('signs by %s with the active key, which its header names', (alg, { kid }) => {
    for (let turn = 0; turn < 2; turn++) {
      const token = tokens.sign(CLAIMS, alg);
      expect(decodeProtectedHeader(token)).toEqual({ alg, typ: 'at+jwt', kid });
      // It leaves the expiry to its caller.
      expect(tokens.verify(token)).toEqual(CLAIMS);
    }
  });

  it('follows a rotation, and verifies with the key before until it is revoked', () => {
    const [before, next] = [tokens.sign(CLAIMS, 'ES256'), newDataKey('signing', 'active')];
    use(next, { ...EC, state: 'retired' });
    const after = tokens.sign(CLAIMS, 'ES256');
    expect(decodeProtectedHeader(after).kid).toBe(next.kid);
    expect(tokens.verify(before)).toEqual(CLAIMS);
    expect(tokens.verify(after)).toEqual(CLAIMS);
    use(next, { ...EC, state: 'revoked' });
    expect(tokens.verify(before)).toBeNull();
  });

  it.each<[string, () => string]>([
    ['of another type', () => signed(EC, { ...header, typ: 'JWT' })],
    ['without a type', () => signed(EC, { ...header, typ: undefined })],
    ['without the name of its key', () => signed(EC, { ...header, kid: undefined })],
    ['with a name of its key that is no text', () => signed(EC, { ...header, kid: [EC.kid] })],
    ['of an unknown key', () => signed(EC, { ...header, kid: 'AAAAAAAAAAA' })],
    ['by an algorithm that is not that of its key', () => signed(EC, { ...header, alg: 'RS256' })],
    ['by another key', () => signed(newDataKey('signing', 'active'), header)],
    ['with a key of another algorithm', () => signed(RSA, { ...header, alg: 'RS256' })],
    ['with a header that is no object', () => signed(EC, [1])],
    ['with a header that is null', () => signJwt('bnVsbA', CLAIMS, toSigningKey(EC).privateKey)],
    ['with a header that is no JSON', () => signJwt('e30x', CLAIMS, toSigningKey(EC).privateKey)],
    ['with a part more', () => `${tokens.sign(CLAIMS, 'ES256')}.e30`],
    ['with an empty part more', () => `${tokens.sign(CLAIMS, 'ES256')}.`],
    ['without a signature', () => tokens.sign(CLAIMS, 'ES256').replace(/[^.]*$/, '')],
    ['with a padded signature', () => `${tokens.sign(CLAIMS, 'RS256')}==`],
    ['that is empty', () => ''],
  ])('verifies no token %s', (_, token) => {
    expect(tokens.verify(token())).toBeNull();
  });

  // From a token anyone can make another text that verifies too, with which a revoked token could seem to be a new one.
  describe('verifies one text of a token only:', () => {
    const parts = (token: string): [string, Buffer] => {
      const end = token.lastIndexOf('.') + 1;
      return [token.slice(0, end), Buffer.from(token.slice(end), 'base64url')];
    };

    it('not the other of two signatures of ES256', async () => {
      const [signed, signature] = parts(tokens.sign(CLAIMS, 'ES256'));
      const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
      const s = order - BigInt(`0x${signature.subarray(32).toString('hex')}`);
      const other = Buffer.concat([
        signature.subarray(0, 32),
        Buffer.from(s.toString(16).padStart(64, '0'), 'hex'),
      ]);
      const token = signed + other.toString('base64url');
      await expect(compactVerify(token, toSigningKey(EC).publicKey)).resolves.toBeDefined();
      expect(tokens.verify(token)).toBeNull();
    });

    it.each(['ES256', 'RS256'] as const)(
      'not a signature of %s whose last bits are not used',
      (algorithm) => {
        const token = tokens.sign(CLAIMS, algorithm);
        const [signed, signature] = parts(token);
        for (const last of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_') {
          const written = token.slice(0, -1) + last;
          const isSame = parts(written)[1].equals(signature);
          expect(tokens.verify(written)).toEqual(isSame && written === token ? CLAIMS : null);
        }
        expect(tokens.verify(signed + signature.toString('base64'))).toBeNull();
      },
    );
  });
});
