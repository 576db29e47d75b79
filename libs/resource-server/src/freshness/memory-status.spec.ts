import { afterEach, describe, expect, it } from '@jest/globals';
import { RevocationFeed } from '../feed/revocation-feed.js';
import type { FeedState } from '../feed/freshness-status.js';
import { FakeAuthorizationServer } from '../testing/fake-authorization-server.js';
import { aMemory, LIFETIME_MS } from './a-memory.spec-support.js';
import { aToken } from '../claims/a-token.spec-support.js';
import { MemoryStatus } from './memory-status.js';

describe('MemoryStatus', () => {
  const { memory, counters } = aMemory({ coverage: 'none' });
  let ending: (() => Promise<void>)[] = [];

  /** A feed of a real server; it is not started. */
  const aFeed = async (): Promise<RevocationFeed> => {
    const server = await FakeAuthorizationServer.start({ audience: 'https://api.example' });
    const { clientId = '', clientSecret = '', revocationFeed } = server.options;
    const feed = new RevocationFeed(
      {
        url: revocationFeed?.endpoint ?? '',
        clientId,
        clientSecret,
        timeoutMs: 5000,
        maxStalenessMs: 60_000,
        clockToleranceMs: 60_000,
      },
      memory,
      counters,
    );
    ending.push(
      () => feed.stop(),
      () => server.stop(),
    );
    return feed;
  };

  afterEach(async () => {
    for (const end of ending) await end();
    ending = [];
  });

  it('without a feed says so, and calls no listener', () => {
    const status = new MemoryStatus(null, [memory], counters);
    expect([status.feedState, status.feedAgeMs]).toEqual(['off', null]);
    expect(status.onFeedStateChange(() => undefined)()).toBeUndefined();
  });

  it('sums what all memories hold', () => {
    const memories = [2, 3].map((many) => {
      const one = aMemory({ coverage: 'none' }).memory;
      for (let index = 0; index < many; index++) one.learn(String(index), aToken(), performance.now());
      one.restart(LIFETIME_MS, null, null);
      one.revoke({ sid: 'ended' });
      for (let index = 0; index <= many; index++) one.revoke({ sub: `u${index}`, epoch: 1 });
      return one;
    });
    const status = new MemoryStatus(null, memories, counters);
    expect([status.rememberedTokens, status.tombstones]).toEqual([0, 9]);
    for (const one of memories) one.learn('a', aToken({ subject: 'bob' }), performance.now() + 1);
    expect(status.rememberedTokens).toBe(2);
    expect(status.counters).toBe(counters);
  });

  it('has no age before the feed was complete once', async () => {
    const status = new MemoryStatus(await aFeed(), [], counters);
    expect([status.feedState, status.feedAgeMs]).toEqual(['down', null]);
  });

  it('follows the state of the feed, and its age since it was last known to be complete', async () => {
    const feed = await aFeed();
    const status = new MemoryStatus(feed, [], counters);
    const states: FeedState[] = [];
    const ignored: FeedState[] = [];
    status.onFeedStateChange((state) => ignored.push(state))();
    const startedAt = performance.now();
    const isLive = new Promise<void>((resolve) => {
      status.onFeedStateChange((state) => {
        states.push(state);
        resolve();
      });
    });
    feed.start();
    await isLive;
    expect([states, ignored, status.feedState]).toEqual([['live'], [], 'live']);
    expect(status.feedAgeMs).toBeGreaterThanOrEqual(0);
    expect(status.feedAgeMs).toBeLessThanOrEqual(performance.now() - startedAt);
  });
});
