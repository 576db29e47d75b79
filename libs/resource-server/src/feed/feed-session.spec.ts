import { describe, expect, it } from '@jest/globals';
import type { Revocation } from './feed-message.js';
import { FeedProtocolError } from './feed-protocol.error.js';
import { FeedSession } from './feed-session.js';

/** The server's clock is this far ahead of ours. */
const AHEAD = 1_700_000_000_000;
const SNAPSHOT = { now: AHEAD + 1010, max_token_lifetime: 300, heartbeat_interval: 1000 };

function session(requestedAt = 1000) {
  const told: (number | Revocation)[] = [];
  const one = new FeedSession(
    { restart: (lifetime) => void told.push(lifetime), revoke: (revocation) => void told.push(revocation) },
    requestedAt,
    5000,
  );
  let count = 0;
  const send = (name: string, data: object, receivedAt = 1020, id = `boot:${++count}`) =>
    one.accept({ name, data: JSON.stringify(data), id }, receivedAt);
  return { one, told, send, skip: () => count++ };
}

describe('FeedSession', () => {
  it('tells of the snapshot, then of what is revoked', () => {
    const { one, told, send } = session();
    send('snapshot', SNAPSHOT);
    send('revoked', { sid: 's', at: 1 });
    expect(one.isLive).toBe(false);
    send('live', { now: AHEAD + 1015 });
    send('revoked', { sub: 'alice', epoch: 3, at: 1 });
    send('revoked', { client_id: 'shop', epoch: 0, at: 1 });
    send('something of the future', {});
    expect(one.isLive).toBe(true);
    expect(told).toEqual([
      300_000,
      { sid: 's', clientId: null },
      { sub: 'alice', epoch: 3 },
      { clientId: 'shop', epoch: 0 },
    ]);
  });

  it('tells of the key of digests, and whose session it was', () => {
    const keys: (string | null)[] = [];
    const told: Revocation[] = [];
    const one = new FeedSession(
      { restart: (_, key) => void keys.push(key), revoke: (revocation) => void told.push(revocation) },
      1000,
      5000,
    );
    one.accept(
      { name: 'snapshot', data: JSON.stringify({ ...SNAPSHOT, digest_key: 'k' }), id: 'boot:1' },
      1020,
    );
    one.accept(
      { name: 'revoked', data: JSON.stringify({ sid: 's', client_id: 'c', at: 1 }), id: 'boot:2' },
      1020,
    );
    expect(keys).toEqual(['k']);
    expect(told).toEqual([{ sid: 's', clientId: 'c' }]);
  });

  it('says when the server wants the stream to end', () => {
    const { send } = session();
    expect(send('snapshot', SNAPSHOT)).toBe(true);
    expect(send('reconnect', {})).toBe(false);
  });

  it('is never taken for fresher than it is, wherever the delay is', () => {
    const { one, send } = session();
    // The request took 20 ms, half of it on the way there.
    send('snapshot', SNAPSHOT);
    send('live', { now: AHEAD + 1010 });
    expect(one.freshAt).toBe(1000);
    send('heartbeat', { now: AHEAD + 2010 }, 2020);
    expect(one.freshAt).toBe(2000);
    // Said at 3010, and twenty seconds on the way.
    send('heartbeat', { now: AHEAD + 3010 }, 23_020);
    expect(one.freshAt).toBe(3000);
  });

  it('is not fresh because of a heartbeat before the snapshot is through, or of an older one', () => {
    const { one, send } = session();
    send('snapshot', SNAPSHOT);
    send('heartbeat', { now: AHEAD + 1010 });
    expect(one.freshAt).toBe(-Infinity);
    send('live', { now: AHEAD + 1015 });
    send('heartbeat', { now: AHEAD + 500 });
    expect(one.freshAt).toBe(1005);
  });

  it('refuses a snapshot that was on its way for too long to tell delays', () => {
    expect(() => session(1000).send('snapshot', SNAPSHOT, 3600)).toThrow(/too late/);
  });

  it('refuses a clock that was set forward', () => {
    const { send } = session();
    send('snapshot', SNAPSHOT);
    expect(() => send('live', { now: AHEAD + 60_000 })).toThrow(/clock/);
  });

  it.each<[string, (feed: ReturnType<typeof session>) => void]>([
    ['a stream that begins otherwise', ({ send }) => send('live', { now: 1 })],
    ['a gap', ({ send, skip }) => (send('snapshot', SNAPSHOT), skip(), send('live', { now: 1 }))],
    ['a number twice', ({ send }) => (send('snapshot', SNAPSHOT), send('live', { now: 1 }, 1020, 'boot:1'))],
    [
      'the numbers of another process',
      ({ send }) => (send('snapshot', SNAPSHOT), send('live', { now: 1 }, 1020, 'other:2')),
    ],
    ['no number', ({ send }) => send('snapshot', SNAPSHOT, 1020, '')],
    ['a second snapshot', ({ send }) => (send('snapshot', SNAPSHOT), send('snapshot', SNAPSHOT))],
    ['a revocation of nothing', ({ send }) => (send('snapshot', SNAPSHOT), send('revoked', { at: 1 }))],
    [
      'a revocation of two things',
      ({ send }) => (send('snapshot', SNAPSHOT), send('revoked', { sid: 'a', sub: 'b', epoch: 1 })),
    ],
    ['a change without epoch', ({ send }) => (send('snapshot', SNAPSHOT), send('revoked', { sub: 'b' }))],
    ['a lifetime of nothing', ({ send }) => send('snapshot', { ...SNAPSHOT, max_token_lifetime: 0 })],
    [
      'heartbeats that are too rare',
      ({ send }) => send('snapshot', { ...SNAPSHOT, heartbeat_interval: 5000 }),
    ],
    ['a time in words', ({ send }) => send('snapshot', { ...SNAPSHOT, now: '1010' })],
  ])('refuses %s', (_, feed) => {
    expect(() => feed(session())).toThrow(FeedProtocolError);
  });
});
