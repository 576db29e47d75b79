import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { feedDigest } from '@latchkey/contracts';
import fc from 'fast-check';
import type { Revocation } from '../feed/feed-message.js';
import { FeedNames } from './feed-names.js';
import { TokenCache } from './token-cache.js';
import { aToken } from '../claims/a-token.spec-support.js';

function cached(changes: Parameters<typeof aToken>[0] = {}) {
  const token = aToken(changes);
  return { token, isLocal: false, staleAt: Infinity };
}

describe('TokenCache', () => {
  let evictions = 0;

  beforeEach(() => {
    evictions = 0;
  });

  it('never holds more than it may, and removes the least recently used', () => {
    const cache = new TokenCache(3, () => evictions++, new FeedNames());
    for (const key of ['a', 'b', 'c']) cache.set(key, cached());
    cache.get('a');
    cache.get('c');
    cache.set('d', cached());
    expect(cache.size).toBe(3);
    expect(cache.get('b')).toBeNull();
    expect(['a', 'c', 'd'].every((key) => cache.get(key) !== null)).toBe(true);
    expect(evictions).toBe(1);
  });

  it('takes memory for the tokens that it has, not for those that it may have', () => {
    const used = () => process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
    const before = used();
    const cache = new TokenCache(10_000_000, () => undefined, new FeedNames());
    cache.set('a', cached());
    expect(used() - before).toBeLessThan(50e6);
    expect(cache.size).toBe(1);
  });

  it('counts only evictions, not what is replaced, deleted, dropped or cleared', () => {
    const cache = new TokenCache(3, () => evictions++, new FeedNames());
    const first = cached();
    cache.set('a', first);
    expect(cache.get('a')).toMatchObject(first);
    const second = { ...cached({ sessionId: 'later' }), isLocal: true, staleAt: 5 };
    cache.set('a', second);
    expect(cache.get('a')).toMatchObject(second);
    for (const key of ['b', 'c']) cache.set(key, cached());
    cache.delete('b');
    cache.delete('unknown');
    expect([cache.size, cache.get('b')]).toEqual([2, null]);
    cache.drop({ sid: 'unknown' });
    cache.drop({ sid: 'session' });
    expect([cache.size, cache.get('c')]).toEqual([1, null]);
    cache.clear();
    expect([cache.size, cache.get('a'), evictions]).toEqual([0, null, 0]);
  });

  it('clears all tokens at once, however many there are', () => {
    const cache = new TokenCache(100, () => evictions++, new FeedNames());
    for (let index = 0; index < 100; index++) cache.set(String(index), cached({ sessionId: `s${index}` }));
    const deletions = jest.spyOn(Map.prototype, 'delete');
    cache.clear();
    expect(deletions).not.toHaveBeenCalled();
    deletions.mockRestore();
    cache.set('a', cached());
    cache.drop({ clientId: 'shop', epoch: 9 });
    expect([cache.size, evictions]).toEqual([0, 0]);
  });

  it('follows a token that is replaced by one of another session, owner and client', () => {
    const cache = new TokenCache(3, () => undefined, new FeedNames());
    cache.set('a', cached());
    cache.set('a', cached({ sessionId: 'later', subject: 'bob', clientId: 'forum' }));
    for (const past of [{ sid: 'session' }, { sub: 'alice', epoch: 9 }, { clientId: 'shop', epoch: 9 }]) {
      cache.drop(past);
    }
    expect(cache.size).toBe(1);
    cache.drop({ sub: 'bob', epoch: 9 });
    expect(cache.size).toBe(0);
  });

  it('keeps tokens without session, owner or client, under digests too', () => {
    const names = new FeedNames();
    names.use('a2V5');
    const cache = new TokenCache(3, () => undefined, names);
    cache.set('nameless', cached({ sessionId: null, subject: null, clientId: null }));
    cache.set('alice', cached());
    for (const name of ['null', feedDigest('a2V5', 'null')]) {
      cache.drop({ sid: name });
      cache.drop({ sub: name, epoch: 9 });
      cache.drop({ clientId: name, epoch: 9 });
    }
    cache.drop({ sub: 'alice', epoch: 9 });
    expect(cache.size).toBe(2);
    cache.drop({ sub: feedDigest('a2V5', 'alice'), epoch: 9 });
    expect([cache.size, cache.get('alice')]).toEqual([1, null]);
    cache.delete('nameless');
    expect(cache.size).toBe(0);
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
        const cache = new TokenCache(room, () => undefined, new FeedNames());
        list.forEach((token, index) => cache.set(String(index), cached(token)));
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
