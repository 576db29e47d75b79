import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { hasLowS } from '@latchkey/contracts';
import { encodeHeader, signJwt } from './sign-jwt.js';

const KEYS = {
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
};

describe.each(['ES256', 'RS256'] as const)('signJwt by %s', (alg) => {
  const { privateKey, publicKey } = KEYS[alg]();
  const header = { alg, typ: 'at+jwt', kid: 'one' };
  const claims = { iss: 'https://id.example.com', sub: 'ä', aud: ['a', 'b'], exp: 4_000_000_000, iat: 1 };

  it('makes what an independent library verifies', async () => {
    const token = signJwt(encodeHeader(header), claims, privateKey);
    const { payload, protectedHeader } = await jwtVerify(token, publicKey, { algorithms: [alg] });
    expect(payload).toEqual(claims);
    expect(protectedHeader).toEqual(header);
    expect(decodeProtectedHeader(token)).toEqual(header);
  });

  it('makes the one signature of ES256 that is accepted, whichever it drew', () => {
    for (let turn = 0; turn < 20; turn++) {
      const token = signJwt(encodeHeader(header), { ...claims, turn }, privateKey);
      const signature = Buffer.from(token.split('.')[2] ?? '', 'base64url');
      if (alg === 'ES256') expect(hasLowS(signature)).toBe(true);
    }
  });

  it('makes nothing that another key verifies', async () => {
    const token = signJwt(encodeHeader(header), claims, privateKey);
    await expect(jwtVerify(token, KEYS[alg]().publicKey)).rejects.toThrow('signature verification failed');
  });
});
