import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hasLowS, withLowS } from './ecdsa-signature.js';

/** The order of P-256 in decimal, as FIPS 186-4 section D.1.2.3 has it. */
const ORDER = BigInt('115792089210356248762697446949407573529996955224135760342422259061068512044369');

const part = (value: bigint) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex');

describe('ES256 signatures', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const dsaEncoding = 'ieee-p1363';

  it('come in pairs that both verify, of which one has the low s', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (message) => {
        const signature = sign('sha256', message, { key: privateKey, dsaEncoding });
        const s = BigInt(`0x${signature.subarray(32).toString('hex')}`);
        const other = Buffer.concat([signature.subarray(0, 32), part(ORDER - s)]);
        const key = { key: publicKey, dsaEncoding } as const;
        expect([signature, other].map((each) => verify('sha256', message, key, each))).toEqual([true, true]);
        expect(hasLowS(signature)).toBe(!hasLowS(other));
        expect(withLowS(signature)).toEqual(withLowS(other));
        expect(hasLowS(withLowS(signature))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it.each<[bigint, boolean]>([
    [1n, true],
    [ORDER / 2n, true],
    [ORDER / 2n + 1n, false],
    [ORDER - 1n, false],
  ])('with s = %d are low: %s', (s, expected) => {
    expect(hasLowS(Buffer.concat([part(7n), part(s)]))).toBe(expected);
  });

  it('is nothing that fails on other lengths', () => {
    for (const length of [0, 1, 32, 33, 63, 65, 200])
      expect(() => hasLowS(Buffer.alloc(length))).not.toThrow();
  });
});
