import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatHandle, handleIsAuthentic, parseHandle } from './handle-format.js';

const PREFIX = 'lkr_';
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((array) => Buffer.from(array));

const issued = fc.record({
  body: fc.record({
    kid: bytes(8).map((kid) => kid.toString('base64url')),
    id: fc.uuid({ version: [4, 7] }),
    generation: fc.oneof(fc.nat(5), fc.integer({ min: 0, max: 0xffff_ffff })),
  }),
  key: bytes(32),
  seed: bytes(16),
});

/** Whether the server that made tokens with this key and seed would take `token` for one of its own. */
function isAccepted(token: string, { key, seed }: { key: Buffer; seed: Buffer }): boolean {
  const parsed = parseHandle(PREFIX, token);
  return parsed !== null && handleIsAuthentic(parsed, key, seed);
}

const format = ({ body, key, seed }: Parameters<typeof isAccepted>[1] & { body: IssuedBody }) =>
  formatHandle(PREFIX, body, key, seed);

type IssuedBody = Parameters<typeof formatHandle>[1];

describe('The format of handles, for any handle', () => {
  it('says what went into it, and is authentic', () => {
    fc.assert(
      fc.property(issued, (token) => {
        const text = format(token);
        expect(parseHandle(PREFIX, text)).toMatchObject(token.body);
        expect(isAccepted(text, token)).toBe(true);
        expect(format(token)).toBe(text);
      }),
    );
  });

  it('is not authentic with any bit changed', () => {
    fc.assert(
      fc.property(issued, (token) => {
        const original = Buffer.from(format(token).slice(PREFIX.length), 'base64url');
        for (let bit = 0; bit < original.length * 8; bit++) {
          const altered = Buffer.from(original);
          altered.writeUInt8(altered.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
          expect(isAccepted(PREFIX + altered.toString('base64url'), token)).toBe(false);
        }
      }),
      { numRuns: 10 },
    );
  });

  it('is written in one way only: no character can be another one', () => {
    fc.assert(
      fc.property(issued, (token) => {
        const text = format(token);
        const last = text.slice(0, -1);
        for (const character of BASE64URL) {
          expect(isAccepted(last + character, token)).toBe(last + character === text);
        }
      }),
      { numRuns: 20 },
    );
    const character = fc.oneof(
      fc.constantFrom(...BASE64URL, ...'+/=. \n\0'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    );
    fc.assert(
      fc.property(issued, fc.nat(1000), character, (token, position, replacement) => {
        const text = format(token);
        const at = position % text.length;
        const altered = text.slice(0, at) + replacement + text.slice(at + 1);
        expect(isAccepted(altered, token)).toBe(altered === text);
      }),
      { numRuns: 200 },
    );
  });

  it('cannot be cut short, or go on, at either end or in the middle', () => {
    const addition = fc.string({ unit: fc.constantFrom(...'A_-+/=. \n\t\0é'), minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(issued, fc.nat(1000), fc.nat(1000), addition, (token, first, second, added) => {
        const text = format(token);
        const [start = 0, end = 0] = [first % text.length, second % text.length].sort((a, b) => a - b);
        expect(isAccepted(text.slice(0, start), token)).toBe(false);
        expect(isAccepted(text.slice(start + 1), token)).toBe(false);
        expect(isAccepted(text.slice(0, start) + text.slice(end + 1), token)).toBe(false);
        expect(isAccepted(text.slice(0, start) + added + text.slice(start), token)).toBe(false);
        expect(isAccepted(text + added, token)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it('is worth nothing under another key or seed', () => {
    fc.assert(
      fc.property(issued, bytes(32), bytes(16), (token, key, seed) => {
        const text = format(token);
        expect(isAccepted(text, { ...token, key })).toBe(key.equals(token.key));
        expect(isAccepted(text, { ...token, seed })).toBe(seed.equals(token.seed));
      }),
    );
  });

  it('is different for every body, so that a successor is no other token', () => {
    fc.assert(
      fc.property(issued, issued, (one, other) => {
        const { key, seed } = one;
        const same = JSON.stringify(one.body) === JSON.stringify(other.body);
        expect(format(one) === formatHandle(PREFIX, other.body, key, seed)).toBe(same);
      }),
    );
  });

  it('reads any text as a token or as none, without an exception', () => {
    const tokenLike = bytes(61).map((content) => PREFIX + content.toString('base64url'));
    const rightVersion = bytes(60).map(
      (content) => PREFIX + Buffer.concat([Buffer.of(1), content]).toString('base64url'),
    );
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), tokenLike, rightVersion), issued, (text, token) => {
        expect(isAccepted(text, token)).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});
