import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Revocation } from '../feed/feed-message.js';
import { NO_END, TokenCache } from './token-cache.js';
import { aToken } from './a-token.spec-support.js';

function remembered(changes: Parameters<typeof aToken>[0] = {}, staleAt = Infinity) {
  const token = aToken(changes);
  return { token, isLocal: false, staleAt, expiresAtSeconds: NO_END };
}

describe('TokenCache', () => {
  let evictions = 0;

  beforeEach(() => {
    evictions = 0;
  });

  it('never holds more than it may, and lets go of what was not used', () => {
    const cache = new TokenCache(3, () => evictions++);
    for (const key of ['a', 'b', 'c']) cache.set(key, remembered());
    cache.get('a');
    cache.get('c');
    cache.set('d', remembered());
    expect(cache.size).toBe(3);
    expect(cache.get('b')).toBeNull();
    expect(['a', 'c', 'd'].every((key) => cache.get(key) !== null)).toBe(true);
    expect(evictions).toBe(1);
  });

  it('lets go of what has ended, used or not', () => {
    const cache = new TokenCache(2, () => evictions++);
    cache.set('ended', remembered({}, 0));
    cache.set('good', remembered());
    cache.get('ended');
    cache.set('new', remembered());
    expect(cache.get('ended')).toBeNull();
    expect(cache.get('good')).not.toBeNull();
  });

  it('never takes one token for another, however alike their digests begin', () => {
    const digest = fc.array(fc.constantFrom('\x00', '\x80', '\xff'), { minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(
        fc.uniqueArray(
          digest.map((bytes) => bytes.join('')),
          { minLength: 2 },
        ),
        (digests) => {
          const cache = new TokenCache(100, () => undefined);
          digests.forEach((each) => cache.set(each, remembered({ tokenId: each })));
          for (const each of digests) {
            const entry = cache.get(each);
            if (entry !== null) expect(entry.token.tokenId).toBe(each);
          }
          expect(cache.get(digests.at(-1)!)).not.toBeNull();
        },
      ),
    );
  });

  it('takes the place of a token whose digest begins alike, also for the feed', () => {
    const cache = new TokenCache(10, () => evictions++);
    const [earlier, later] = ['same'.padEnd(16, 'a'), 'same'.padEnd(16, 'b')] as const;
    cache.set(earlier, remembered({ sessionId: 'earlier' }));
    cache.set(later, remembered({ sessionId: 'later' }));
    expect(cache.size).toBe(1);
    expect(cache.get(earlier)).toBeNull();
    cache.drop({ sid: 'earlier' });
    expect(cache.get(later)).not.toBeNull();
    cache.drop({ sid: 'later' });
    expect(cache.size).toBe(0);
  });

  it.each([4, 7, 11, 15])('tells digests apart by byte %i', (index) => {
    const cache = new TokenCache(10, () => evictions++);
    const digest = 'a'.repeat(16);
    cache.set(digest, remembered());
    expect(cache.get(`${digest.slice(0, index)}b${digest.slice(index + 1)}`)).toBeNull();
    expect(cache.get(digest)).not.toBeNull();
  });

  it('drops exactly what a revocation covers', () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const revocation: fc.Arbitrary<Revocation> = fc.oneof(
      fc.record({ sid: name }),
      fc.record({ sub: name, epoch: fc.nat() }),
      fc.record({ clientId: name, epoch: fc.nat() }),
    );
    const tokens = fc.array(fc.record({ sessionId: name, subject: name, clientId: name }), { maxLength: 12 });
    fc.assert(
      fc.property(tokens, revocation, fc.integer({ min: 1, max: 12 }), (list, ended, room) => {
        const cache = new TokenCache(room, () => undefined);
        list.forEach((token, index) => cache.set(String(index), remembered(token)));
        const held = list.filter((_, index) => cache.get(String(index)) !== null);
        expect(held.length).toBe(Math.min(room, list.length));
        cache.drop(ended);
        const isCovered = (token: (typeof list)[number]) =>
          'sid' in ended
            ? token.sessionId === ended.sid
            : 'sub' in ended
              ? token.subject === ended.sub
              : token.clientId === ended.clientId;
        expect(cache.size).toBe(held.filter((token) => !isCovered(token)).length);
      }),
    );
  });
});
