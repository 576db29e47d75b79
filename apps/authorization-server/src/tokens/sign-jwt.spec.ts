import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { encodeHeader, signEs256 } from './sign-jwt.js';

describe('signEs256', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const header = { alg: 'ES256', typ: 'at+jwt', kid: 'one' };
  const claims = { iss: 'https://id.example.com', sub: 'ä', aud: ['a', 'b'], exp: 4_000_000_000, iat: 1 };

  it('makes what an independent library verifies', async () => {
    const token = signEs256(encodeHeader(header), claims, privateKey);
    const { payload, protectedHeader } = await jwtVerify(token, publicKey, { algorithms: ['ES256'] });
    expect(payload).toEqual(claims);
    expect(protectedHeader).toEqual(header);
    expect(decodeProtectedHeader(token)).toEqual(header);
  });

  it('makes nothing that another key verifies', async () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const token = signEs256(encodeHeader(header), claims, privateKey);
    await expect(jwtVerify(token, other.publicKey)).rejects.toThrow('signature verification failed');
  });
});
