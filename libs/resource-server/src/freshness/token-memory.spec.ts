import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { AccessToken } from '../claims/access-token.js';
import { Refusal } from '../refusals/refusal.js';
import { aMemory, aSettledMemory, LIFETIME_MS } from './a-memory.spec-support.js';
import { aToken } from '../claims/a-token.spec-support.js';
import { SETTLING_MS } from './tombstones.js';

const INACTIVE = new Refusal('inactive');

const now = () => performance.now();
const pass = (ms: number) => void jest.advanceTimersByTime(ms);

describe('TokenMemory', () => {
  beforeEach(() => void jest.useFakeTimers({ now: 1_700_000_000_000 }));

  afterEach(() => void jest.useRealTimers());

  describe('of an active answer', () => {
    it('accepts the token from memory until it expires, and counts each hit', () => {
      const { memory, counters } = aSettledMemory();
      const token = aToken({ expiresAt: Date.now() + 60_000 });
      expect(memory.getCached('key')).toBeUndefined();
      expect(memory.learn('key', token, now())).toBe(token);
      expect([memory.getCached('key'), memory.getCached('other')]).toEqual([token, undefined]);
      pass(59_999);
      expect(memory.getCached('key')).toBe(token);
      expect([counters.hits, memory.size]).toEqual([2, 1]);
      pass(1);
      expect(memory.getCached('key')).toBeUndefined();
      expect([counters.hits, memory.size]).toEqual([2, 0]);
    });

    it('keeps it for a time after it was asked, however late it arrives', () => {
      const { memory } = aSettledMemory({ ttlMs: 1000 });
      const askedAt = now();
      pass(400);
      memory.learn('key', aToken(), askedAt);
      pass(599);
      expect(memory.getCached('key')).toMatchObject({ subject: 'alice' });
      pass(1);
      expect(memory.getCached('key')).toBeUndefined();
    });

    it('does not keep what is too old already, or expired', () => {
      const { memory } = aSettledMemory({ ttlMs: 1000 });
      const askedAt = now();
      pass(1000);
      memory.learn('late', aToken(), askedAt);
      memory.learn('expired', aToken({ expiresAt: Date.now() }), now());
      memory.learn('long expired', aToken({ expiresAt: Date.now() - 1 }), now());
      expect(memory.size).toBe(0);
    });

    it('keeps a token without an end for five seconds', () => {
      const { memory } = aSettledMemory();
      memory.learn('key', aToken({ expiresAt: null }), now());
      pass(4999);
      expect(memory.getCached('key')).toMatchObject({ expiresAt: null });
      pass(1);
      expect(memory.getCached('key')).toBeUndefined();
    });

    it('ends with the token when our clock is set forward, and not later when it is set back', () => {
      const { memory } = aSettledMemory();
      const expiresAt = Date.now() + 60_000;
      memory.learn('key', aToken({ expiresAt }), now());
      jest.setSystemTime(expiresAt - 1);
      expect(memory.getCached('key')).toBeDefined();
      jest.setSystemTime(expiresAt);
      expect(memory.getCached('key')).toBeUndefined();
      jest.setSystemTime(expiresAt - 60_000);
      memory.learn('key', aToken({ expiresAt }), now());
      jest.setSystemTime(expiresAt - 3_600_000);
      pass(59_999);
      expect(memory.getCached('key')).toBeDefined();
      pass(1);
      expect(memory.getCached('key')).toBeUndefined();
    });

    it.each([
      ['the server', 59_000, 1000],
      ['ours', -59_000, 60_000],
    ])('ends by the clock that is ahead: that of %s', (_, ahead, lastsMs) => {
      const { memory, freshness } = aSettledMemory();
      freshness.now = Date.now() + ahead;
      memory.learn('key', aToken({ expiresAt: Date.now() + 60_000 }), now());
      pass(lastsMs - 1);
      expect(memory.getCached('key')).toBeDefined();
      pass(1);
      expect(memory.getCached('key')).toBeUndefined();
    });

    it.each<[string, Partial<AccessToken>, boolean]>([
      ['session, client and owner', {}, true],
      ['no session', { sessionId: null }, false],
      ['no client', { clientId: null }, false],
      ['no epoch of its client', { clientEpoch: null }, false],
      ['no epoch of its owner', { ownerEpoch: null }, false],
      ['no owner', { ownerEpoch: null, subject: null }, true],
      ['its client as owner', { ownerEpoch: null, subject: 'shop' }, true],
    ])('keeps one with %s only where the feed could revoke it', (_, changes, isKept) => {
      const { memory } = aSettledMemory();
      memory.learn('key', aToken(changes), now());
      expect(memory.getCached('key') !== undefined).toBe(isKept);
      // Without a feed only the age counts.
      const byAge = aMemory({ coverage: 'none', ttlMs: 1000 }).memory;
      byAge.learn('key', aToken(changes), now());
      expect(byAge.getCached('key')).toBeDefined();
    });

    it('evicts the least recently used one for lack of room', () => {
      const { memory, counters } = aSettledMemory({ maxEntries: 2 });
      for (const key of ['a', 'b', 'c']) memory.learn(key, aToken(), now());
      expect([memory.size, counters.evictions]).toEqual([2, 1]);
      expect(memory.getCached('a')).toBeUndefined();
      expect(memory.getCached('b')).toBeDefined();
    });
  });

  describe('of a refused token', () => {
    it('refuses it from memory for a while, and counts that apart from hits', () => {
      const { memory, counters } = aSettledMemory({ negativeTtlMs: 2000 });
      expect(memory.learn('key', INACTIVE, now())).toBe(INACTIVE);
      pass(1999);
      expect(memory.getCached('key')).toBe(INACTIVE);
      pass(1);
      expect(memory.getCached('key')).toBeUndefined();
      expect(counters).toMatchObject({ hits: 0, negativeHits: 1 });
    });

    it('forgets that it was accepted, even where refusals are not kept', () => {
      const { memory } = aSettledMemory({ negativeTtlMs: 0 });
      memory.learn('key', aToken(), now());
      memory.learn('key', INACTIVE, now());
      expect([memory.size, memory.getCached('key')]).toEqual([0, undefined]);
    });

    it('does not keep a refusal from before a change that may have added rights', () => {
      const { memory } = aSettledMemory();
      const before = now();
      pass(1);
      memory.revoke({ clientId: 'shop', epoch: 4 });
      expect(memory.learn('before', INACTIVE, before)).toBe(INACTIVE);
      memory.learn('after', INACTIVE, now());
      expect([memory.getCached('before'), memory.getCached('after')]).toEqual([undefined, INACTIVE]);
    });

    it('keeps as many as there is room for', () => {
      const { memory } = aSettledMemory({ maxNegativeEntries: 1 });
      for (const key of ['a', 'b']) memory.learn(key, INACTIVE, now());
      expect([memory.getCached('a'), memory.getCached('b')]).toEqual([undefined, INACTIVE]);
    });
  });

  describe('of a token that was validated locally', () => {
    it('is used while the feed is live, and again once it is', () => {
      const { memory, freshness, counters } = aSettledMemory();
      const token = aToken({ clientEpoch: null, ownerEpoch: null });
      expect(memory.judge('key', token, now())).toBe(token);
      memory.learn('asked', aToken(), now());
      freshness.liveUntil = now() + 10;
      pass(9);
      expect(memory.getCached('key')).toBe(token);
      pass(1);
      expect(memory.getCached('key')).toBeUndefined();
      expect(memory.getCached('asked')).toBeDefined();
      freshness.liveUntil = Infinity;
      expect(memory.getCached('key')).toBe(token);
      expect([counters.hits, memory.size]).toEqual([3, 2]);
    });

    it('is kept for a time after its validation', () => {
      const { memory } = aSettledMemory({ ttlMs: 1000 });
      const startedAt = now();
      pass(500);
      memory.judge('key', aToken(), startedAt);
      pass(999);
      expect(memory.getCached('key')).toBeDefined();
      pass(1);
      expect(memory.getCached('key')).toBeUndefined();
    });

    it('is refused from memory when its validation failed', () => {
      const { memory } = aSettledMemory();
      memory.learn('key', aToken(), now());
      const refusal = new Refusal('signature');
      expect(memory.judge('key', refusal, now())).toBe(refusal);
      expect([memory.getCached('key'), memory.size]).toEqual([refusal, 0]);
    });

    it('is not decided without a session, or while the feed is not live', () => {
      const { memory, freshness } = aSettledMemory();
      expect(memory.judge('key', aToken({ sessionId: null }), now())).toBe('undecided');
      freshness.liveUntil = now();
      expect([memory.isComplete, memory.judge('key', aToken(), now())]).toEqual([false, 'undecided']);
      freshness.liveUntil = now() + 1;
      expect(memory.isComplete).toBe(true);
      expect(memory.judge('key', aToken(), now())).toMatchObject({ subject: 'alice' });
    });

    it('is not decided when keys may have changed since, and kept shortly where replicas may differ', () => {
      const { memory } = aMemory();
      pass(1);
      const startedAt = now();
      pass(1);
      memory.restart(LIFETIME_MS, null, null);
      const restartedAt = now();
      expect(memory.judge('key', aToken(), startedAt)).toBe('undecided');
      expect(memory.judge('key', aToken(), restartedAt)).toBe('undecided');
      pass(1);
      expect(memory.judge('key', aToken(), now())).toMatchObject({ subject: 'alice' });
      pass(SETTLING_MS - 2);
      expect(memory.getCached('key')).toBeDefined();
      pass(1);
      expect(memory.getCached('key')).toBeUndefined();
    });
  });
});
