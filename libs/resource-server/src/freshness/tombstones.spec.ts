import { beforeEach, describe, expect, it } from '@jest/globals';
import { feedDigest } from '@latchkey/contracts';
import fc from 'fast-check';
import { aToken } from '../claims/a-token.spec-support.js';
import { FeedNames } from './feed-names.js';
import { SETTLING_MS, Tombstones } from './tombstones.js';

const LIFETIME = 300_000;

const withRoom = (maxEntries: number, onCrowd = (): unknown => undefined) =>
  new Tombstones(maxEntries, new FeedNames(), Infinity, onCrowd);

describe('Tombstones', () => {
  let tombstones: Tombstones;

  beforeEach(() => {
    tombstones = withRoom(3);
    tombstones.restart(LIFETIME, 0, null);
  });

  it('refuse a session for longer than any of its tokens lives', () => {
    tombstones.revoke({ sid: 'session' }, 1000);
    expect(tombstones.isDead(aToken(), 1000)).toBe(true);
    expect(tombstones.isDead(aToken(), 1000 + LIFETIME + 59_999)).toBe(true);
    expect(tombstones.isDead(aToken({ sessionId: 'other' }), 1000)).toBe(false);
  });

  it('refuse older epochs, and no others', () => {
    tombstones.revoke({ sub: 'alice', epoch: 6 }, 0);
    tombstones.revoke({ clientId: 'shop', epoch: 3 }, 0);
    expect(tombstones.isDead(aToken(), 1)).toBe(true);
    expect(tombstones.isDead(aToken({ ownerEpoch: 6 }), 1)).toBe(false);
    expect(tombstones.isDead(aToken({ ownerEpoch: 6, clientEpoch: 2 }), 1)).toBe(true);
    expect(tombstones.isDead(aToken({ ownerEpoch: null }), 1)).toBe(true);
    expect(tombstones.isDead(aToken({ subject: 'bob' }), 1)).toBe(false);
  });

  it('keep the highest epoch, in whatever order they come', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { minLength: 1, maxLength: 6 }), fc.nat(10), (epochs, epoch) => {
        const some = withRoom(3);
        some.restart(LIFETIME, 0, null);
        epochs.forEach((told, at) => some.revoke({ sub: 'alice', epoch: told }, at));
        expect(some.isDead(aToken({ ownerEpoch: epoch }), 10)).toBe(epoch < Math.max(...epochs));
      }),
    );
  });

  it('stay across streams, also when a later one tells of a shorter life', () => {
    tombstones.revoke({ sid: 'session' }, 0);
    tombstones.restart(1000, 10, null);
    expect(tombstones.isDead(aToken(), 20)).toBe(true);
    tombstones.revoke({ sid: 'other' }, 20);
    expect(tombstones.isDead(aToken({ sessionId: 'other' }), 20 + LIFETIME)).toBe(true);
  });

  it('without room for sessions of nobody knows whom nothing counts as complete', () => {
    for (const sid of ['a', 'b', 'c']) tombstones.revoke({ sid }, 0);
    expect(tombstones.completeFrom).toBe(-Infinity);
    tombstones.revoke({ sid: 'a' }, 10);
    expect(tombstones.completeFrom).toBe(-Infinity);
    tombstones.revoke({ sid: 'd' }, 20);
    expect(tombstones.completeFrom).toBe(20 + LIFETIME + 60_000);
  });

  it('of owners are never dropped for others: without room nothing counts as complete', () => {
    for (const sub of ['a', 'b', 'c']) tombstones.revoke({ sub, epoch: 9 }, 0);
    tombstones.revoke({ sub: 'd', epoch: 9 }, 20);
    expect(tombstones.completeFrom).toBe(20 + LIFETIME + 60_000);
    for (const subject of ['a', 'b', 'c']) expect(tombstones.isDead(aToken({ subject }), 30)).toBe(true);
    // What has ended makes room.
    tombstones.revoke({ sub: 'e', epoch: 9 }, LIFETIME + 60_000);
    expect(tombstones.isDead(aToken({ subject: 'e' }), LIFETIME + 60_001)).toBe(true);
  });

  it('know owners and clients by digests, and by others when a stream has another key', () => {
    for (const key of ['a2V5', 'b3RoZXI']) {
      tombstones.restart(LIFETIME, 0, key);
      expect(tombstones.isDead(aToken(), 1)).toBe(false);
      tombstones.revoke({ sub: feedDigest(key, 'alice'), epoch: 6 }, 0);
      expect(tombstones.isDead(aToken(), 1)).toBe(true);
      expect(tombstones.isDead(aToken({ subject: 'bob' }), 1)).toBe(false);
      tombstones.revoke({ clientId: feedDigest(key, 'shop'), epoch: 4 }, 0);
      expect(tombstones.isDead(aToken({ subject: 'bob' }), 1)).toBe(true);
    }
    tombstones.restart(LIFETIME, 2, 'b3RoZXI');
    expect(tombstones.isDead(aToken(), 3)).toBe(true);
  });

  it('of owners and clients end with the database that told them, and those of sessions do not', () => {
    expect(tombstones.useDatabase('one', 0)).toBe(false);
    tombstones.revoke({ sub: 'alice', epoch: 6 }, 0);
    tombstones.revoke({ sid: 'ended' }, 0);
    for (const same of ['one', null, 'one']) expect(tombstones.useDatabase(same, 10)).toBe(false);
    expect(tombstones.isDead(aToken(), 10)).toBe(true);
    expect(tombstones.useDatabase('other', 20)).toBe(true);
    expect(tombstones.isDead(aToken(), 20)).toBe(false);
    expect(tombstones.isDead(aToken({ sessionId: 'ended' }), 20)).toBe(true);
    // A replica may not have heard of the restore.
    expect(tombstones.completeFrom).toBe(20 + SETTLING_MS);
    expect(tombstones.useDatabase('one', 30)).toBe(true);
  });

  it('say until when an answer may be remembered', () => {
    expect(tombstones.rememberUntil(aToken(), 0, 1)).toBe(-Infinity);
    // A replica may not have heard of why the stream began anew, as when keys were revoked.
    expect(tombstones.rememberUntil(aToken(), 1, 2)).toBe(SETTLING_MS);
    tombstones.revoke({ sub: 'alice', epoch: 5 }, 4000);
    expect(tombstones.rememberUntil(aToken(), 3999, 4001)).toBe(-Infinity);
    expect(tombstones.rememberUntil(aToken(), 4001, 4002)).toBe(4000 + SETTLING_MS);
    expect(tombstones.rememberUntil(aToken(), 4001 + SETTLING_MS, 9000)).toBe(Infinity);
    expect(tombstones.rememberUntil(aToken({ subject: 'bob' }), 3999, 4001)).toBe(Infinity);
    tombstones.restart(LIFETIME, 5000, null);
    expect(tombstones.rememberUntil(aToken({ subject: 'bob' }), 4999, 5001)).toBe(-Infinity);
  });

  it('before the first stream rely on any answer', () => {
    const some = withRoom(3);
    expect([some.changedAt, some.completeFrom, some.size]).toEqual([-Infinity, -Infinity, 0]);
    expect(some.rememberUntil(aToken(), 0, 1)).toBe(Infinity);
  });

  it('know since when running look-ups may be outdated: sessions have tombstones of their own', () => {
    expect(tombstones.changedAt).toBe(0);
    tombstones.revoke({ sid: 'session' }, 10);
    expect(tombstones.changedAt).toBe(0);
    tombstones.revoke({ sub: 'alice', epoch: 6 }, 20);
    expect(tombstones.changedAt).toBe(20);
    tombstones.revoke({ clientId: 'shop', epoch: 4 }, 30);
    expect([tombstones.changedAt, tombstones.size]).toEqual([30, 3]);
  });

  it('trust no claims of a token whose owner or client has changed', () => {
    tombstones.revoke({ sub: 'alice', epoch: 6 }, 0);
    tombstones.revoke({ clientId: 'forum', epoch: 4 }, 0);
    const changed = (changes: Parameters<typeof aToken>[0]) => tombstones.hasChanged(aToken(changes), 1);
    expect(changed({ ownerEpoch: 9 })).toBe(true);
    expect(changed({ subject: 'bob', clientId: 'forum' })).toBe(true);
    expect(changed({ subject: 'bob' })).toBe(false);
    expect(changed({ subject: null, clientId: null })).toBe(false);
    expect(tombstones.hasChanged(aToken(), LIFETIME + 60_000)).toBe(false);
  });

  it('refuse a token without an epoch after any change, and none for want of a name', () => {
    tombstones.revoke({ sub: 'alice', epoch: 0 }, 0);
    tombstones.revoke({ sub: 'null', epoch: 9 }, 0);
    tombstones.revoke({ clientId: 'null', epoch: 9 }, 0);
    tombstones.revoke({ sid: 'null' }, 0);
    expect(tombstones.isDead(aToken({ ownerEpoch: null }), 1)).toBe(true);
    expect(tombstones.isDead(aToken({ ownerEpoch: 0 }), 1)).toBe(false);
    const nameless = { sessionId: null, subject: null, clientId: null, ownerEpoch: null, clientEpoch: null };
    expect(tombstones.isDead(aToken(nameless), 1)).toBe(false);
    tombstones.restart(LIFETIME, 0, 'a2V5');
    expect(tombstones.isDead(aToken(nameless), 1)).toBe(false);
  });

  it('may miss ended sessions of the client without room, and of tokens that name none', () => {
    let crowds = 0;
    const some = withRoom(2, () => crowds++);
    some.restart(LIFETIME, 0, null);
    const missed = (now: number) =>
      ['shop', 'forum', null].map((clientId) => some.mayMiss(aToken({ clientId }), now));
    for (const sid of ['a', 'b']) some.revoke({ sid, clientId: 'shop' }, 0);
    expect([missed(1), crowds]).toEqual([[false, false, false], 0]);
    some.revoke({ sid: 'c', clientId: 'shop' }, 10);
    expect([missed(11), crowds, some.completeFrom]).toEqual([[true, false, true], 1, -Infinity]);
    expect(missed(10 + LIFETIME + 60_000)).toEqual([false, false, true]);
  });

  it('forget the changes under the names of a stream with another key, and lost room likewise', () => {
    const some = withRoom(1);
    some.restart(LIFETIME, 0, 'a2V5');
    for (const sid of ['a', 'b']) some.revoke({ sid, clientId: feedDigest('a2V5', 'shop') }, 0);
    some.revoke({ sub: feedDigest('a2V5', 'alice'), epoch: 6 }, 0);
    some.revoke({ clientId: feedDigest('a2V5', 'shop'), epoch: 4 }, 0);
    expect([some.size, some.mayMiss(aToken(), 1)]).toEqual([2, true]);
    some.restart(LIFETIME, 10, 'b3RoZXI');
    expect([some.size, some.mayMiss(aToken(), 11)]).toEqual([0, false]);
    expect(some.mayMiss(aToken({ clientId: null }), 11)).toBe(false);
  });

  it('give an answer that was asked when all replicas know no other limit', () => {
    tombstones.revoke({ clientId: 'shop', epoch: 3 }, 5000);
    expect(tombstones.rememberUntil(aToken(), 5000 + SETTLING_MS, 9000)).toBe(5000 + SETTLING_MS);
    expect(tombstones.rememberUntil(aToken(), 5001 + SETTLING_MS, 9000)).toBe(Infinity);
    expect(tombstones.rememberUntil(aToken(), 5000, 9000)).toBe(-Infinity);
  });
});
