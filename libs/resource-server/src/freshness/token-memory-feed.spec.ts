import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { feedDigest } from '@latchkey/contracts';
import type { Revocation } from '../feed/feed-message.js';
import { Refusal } from '../refusals/refusal.js';
import { aMemory, aSettledMemory, KEPT_MS, LIFETIME_MS, recordedWarnings } from './a-memory.spec-support.js';
import { aToken } from '../claims/a-token.spec-support.js';
import { SETTLING_MS } from './tombstones.js';

const INACTIVE = new Refusal('inactive');
const REVOKED = new Refusal('revoked');

const now = () => performance.now();
const pass = (ms: number) => void jest.advanceTimersByTime(ms);

describe('TokenMemory with the revocation feed', () => {
  let warnings: unknown[][];

  beforeEach(() => {
    jest.useFakeTimers({ now: 1_700_000_000_000 });
    warnings = recordedWarnings();
  });

  afterEach(() => {
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  it('answers nothing from memory once the feed is silent for too long', () => {
    const { memory, freshness, counters } = aSettledMemory();
    memory.learn('good', aToken(), now());
    memory.learn('bad', INACTIVE, now());
    freshness.usableUntil = now() + 10;
    pass(9);
    expect([memory.getCached('good'), memory.getCached('bad')]).toEqual([expect.anything(), INACTIVE]);
    pass(1);
    expect([memory.getCached('good'), memory.getCached('bad')]).toEqual([undefined, undefined]);
    expect(counters).toMatchObject({ hits: 1, negativeHits: 1 });
  });

  it.each<[string, Revocation, string[]]>([
    ['session', { sid: 'session' }, ['other session', 'other owner', 'other client', 'refused']],
    ['owner', { sub: 'alice', epoch: 9 }, ['other owner']],
    ['client', { clientId: 'shop', epoch: 9 }, ['other client']],
  ])('a revocation of a %s ends its tokens, and no others', (_, revocation, kept) => {
    const { memory, counters } = aSettledMemory();
    const tokens = {
      mine: {},
      'other session': { sessionId: 'other' },
      'other owner': { sessionId: 'other', subject: 'bob' },
      'other client': { sessionId: 'other', clientId: 'forum' },
    };
    for (const [key, changes] of Object.entries(tokens)) memory.learn(key, aToken(changes), now());
    memory.learn('refused', INACTIVE, now());
    pass(1);
    memory.revoke(revocation);
    const known = [...Object.keys(tokens), 'refused'].filter((key) => memory.getCached(key) !== undefined);
    expect(known).toEqual(kept);
    expect(memory.size).toBe(kept.filter((key) => key !== 'refused').length);
    expect([memory.tombstones, counters.feedEvents]).toEqual([1, 1]);
  });

  it('refuses an answer that was sent before the revocation arrived, and then from memory', () => {
    const { memory, counters } = aSettledMemory();
    const askedAt = now();
    pass(1);
    memory.revoke({ sid: 'session' });
    expect(memory.learn('asked', aToken(), askedAt)).toEqual(REVOKED);
    expect(memory.judge('validated', aToken(), askedAt)).toEqual(REVOKED);
    expect([memory.getCached('asked'), memory.getCached('validated')]).toEqual([REVOKED, REVOKED]);
    expect(counters).toMatchObject({ refusedByFeed: 2, negativeHits: 2, hits: 0 });
    expect(memory.learn('other', aToken({ sessionId: 'other' }), askedAt)).toMatchObject({
      subject: 'alice',
    });
    pass(KEPT_MS - 3);
    expect(memory.learn('asked', aToken(), now())).toEqual(REVOKED);
  });

  it.each<[string, Revocation]>([
    ['owner', { sub: 'alice', epoch: 6 }],
    ['client', { clientId: 'shop', epoch: 4 }],
  ])('after a change of its %s refuses old epochs, and decides on no token by its claims', (_, change) => {
    const { memory, counters } = aSettledMemory();
    const before = now();
    pass(1);
    memory.revoke(change);
    const changedAt = now();
    expect(memory.changedAt).toBe(changedAt);
    pass(1);
    const newer = aToken({ ownerEpoch: 6, clientEpoch: 4, expiresAt: Date.now() + 2 * KEPT_MS });
    expect(memory.learn('old', aToken(), now())).toEqual(REVOKED);
    expect(memory.judge('new', newer, now())).toBe('undecided');
    // Asked before the change: it counts, and is not kept.
    expect(memory.learn('new', newer, before)).toBe(newer);
    expect([memory.size, counters.refusedByFeed]).toEqual([0, 1]);
    memory.learn('new', newer, now());
    pass(SETTLING_MS - 2);
    expect(memory.getCached('new')).toBe(newer);
    // Until now, a replica without the change may have answered.
    pass(1);
    expect(memory.getCached('new')).toBeUndefined();
    memory.learn('new', newer, now());
    pass(1);
    memory.learn('settled', newer, now());
    pass(60_000);
    expect([memory.getCached('new'), memory.getCached('settled')]).toEqual([undefined, newer]);
    pass(KEPT_MS - SETTLING_MS - 60_001);
    expect(now()).toBe(changedAt + KEPT_MS);
    expect(memory.judge('new', newer, now())).toBe(newer);
  });

  it('with a new stream looks everything up again, and still refuses what it was told before', () => {
    const onRestart = jest.fn();
    const { memory } = aSettledMemory({ onRestart });
    memory.revoke({ sid: 'ended' });
    memory.revoke({ sub: 'bob', epoch: 9 });
    memory.learn('good', aToken(), now());
    memory.learn('bad', INACTIVE, now());
    const askedAt = now();
    pass(1);
    memory.restart(LIFETIME_MS, null, null);
    expect(onRestart).toHaveBeenCalledTimes(2);
    expect(memory.changedAt).toBe(now());
    expect([memory.getCached('good'), memory.getCached('bad'), memory.size]).toEqual([
      undefined,
      undefined,
      0,
    ]);
    // The gap may have hidden a change.
    expect(memory.learn('good', aToken(), askedAt)).toMatchObject({ subject: 'alice' });
    memory.learn('bad', INACTIVE, askedAt);
    expect([memory.getCached('good'), memory.getCached('bad')]).toEqual([undefined, undefined]);
    pass(1);
    expect(memory.learn('ended', aToken({ sessionId: 'ended' }), now())).toEqual(REVOKED);
    expect(memory.learn('bob', aToken({ subject: 'bob' }), now())).toEqual(REVOKED);
    expect(memory.isComplete).toBe(true);
    expect(warnings).toEqual([]);
  });

  it('finds owners and clients by the digests of the stream', () => {
    const { memory } = aMemory();
    memory.restart(LIFETIME_MS, 'a2V5', null);
    pass(SETTLING_MS + 1);
    for (const subject of ['alice', 'bob']) memory.learn(subject, aToken({ subject }), now());
    pass(1);
    memory.revoke({ sub: feedDigest('a2V5', 'alice'), epoch: 6 });
    expect([memory.getCached('alice'), memory.getCached('bob')]).toEqual([undefined, expect.anything()]);
    expect(memory.learn('alice', aToken(), now())).toEqual(REVOKED);
  });

  it('with another database drops changes of owners, and relies on nothing until all replicas know', () => {
    const { memory, freshness } = aSettledMemory();
    memory.restart(LIFETIME_MS, null, 'one');
    memory.revoke({ sub: 'alice', epoch: 6 });
    memory.revoke({ sid: 'ended' });
    memory.restart(LIFETIME_MS, null, 'one');
    expect([memory.tombstones, warnings]).toEqual([2, []]);
    memory.restart(LIFETIME_MS, null, 'two');
    expect(memory.tombstones).toBe(1);
    expect(warnings).toEqual([
      [expect.stringContaining('has another database than before'), 'ResourceServer'],
    ]);
    pass(1);
    // By the epochs of the backup.
    expect(memory.learn('key', aToken(), now())).toMatchObject({ subject: 'alice' });
    expect(memory.learn('ended', aToken({ sessionId: 'ended' }), now())).toEqual(REVOKED);
    pass(SETTLING_MS - 2);
    expect([memory.isComplete, memory.judge('key', aToken(), now())]).toEqual([false, 'undecided']);
    expect([memory.getCached('key'), memory.getCached('ended')]).toEqual([undefined, undefined]);
    pass(1);
    expect([memory.isComplete, memory.getCached('ended')]).toEqual([true, undefined]);
    memory.learn('key', aToken(), now());
    memory.learn('settling', aToken(), now() - 1);
    expect([memory.getCached('key'), memory.getCached('settling')]).toEqual([undefined, undefined]);
    pass(1);
    memory.learn('key', aToken(), now());
    freshness.liveUntil = -Infinity;
    expect(memory.getCached('key')).toBeDefined();
  });

  it('without room for another change of an owner relies on nothing until it would have expired', () => {
    const { memory } = aSettledMemory({ maxTombstones: 1, ttlMs: 2 * KEPT_MS });
    const expiresAt = Date.now() + 2 * KEPT_MS;
    memory.revoke({ sub: 'bob', epoch: 1 });
    memory.learn('good', aToken({ expiresAt }), now());
    expect(memory.getCached('good')).toBeDefined();
    memory.revoke({ sub: 'carol', epoch: 1 });
    pass(KEPT_MS - 1);
    memory.learn('bad', INACTIVE, now());
    expect([memory.getCached('good'), memory.getCached('bad'), memory.isComplete]).toEqual([
      undefined,
      undefined,
      false,
    ]);
    pass(1);
    expect([memory.getCached('good'), memory.getCached('bad'), memory.isComplete]).toEqual([
      expect.anything(),
      INACTIVE,
      true,
    ]);
  });

  it('without room for the ended sessions of a client asks about each of its tokens, and warns once', () => {
    const { memory, counters } = aSettledMemory({ maxTombstones: 2 });
    const shop = aToken({ sessionId: 'mine' });
    const forum = aToken({ sessionId: 'theirs', clientId: 'forum' });
    memory.learn('shop', shop, now());
    memory.learn('forum', forum, now());
    for (const sid of ['a', 'b']) memory.revoke({ sid, clientId: 'shop' });
    expect(memory.getCached('shop')).toBe(shop);
    memory.revoke({ sid: 'c', clientId: 'shop' });
    expect([memory.getCached('shop'), memory.getCached('forum')]).toEqual([undefined, forum]);
    expect([memory.judge('shop', shop, now()), memory.judge('forum', forum, now())]).toEqual([
      'undecided',
      forum,
    ]);
    // The answer counts, each time anew.
    expect(memory.learn('shop', shop, now())).toBe(shop);
    expect(memory.getCached('shop')).toBeUndefined();
    for (const sid of ['d', 'e', 'f']) memory.revoke({ sid, clientId: 'forum' });
    expect(memory.getCached('forum')).toBeUndefined();
    expect([counters.crowdedOut, counters.hits]).toEqual([2, 2]);
    expect(warnings).toEqual([[expect.stringContaining('asked about each time'), 'ResourceServer']]);
  });

  it('keeps ended sessions against answers on their way only as long as those may take', () => {
    const { memory, counters } = aSettledMemory({ maxTombstones: 1, sessionsNeededMs: 1000 });
    memory.revoke({ sid: 'a' });
    pass(1000);
    memory.revoke({ sid: 'b' });
    expect([memory.tombstones, counters.crowdedOut, memory.isComplete]).toEqual([1, 0, true]);
    expect(memory.learn('b', aToken({ sessionId: 'b' }), now())).toEqual(REVOKED);
  });
});
