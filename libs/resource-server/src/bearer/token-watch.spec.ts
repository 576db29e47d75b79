import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ResourceServerSettings } from '../options/resource-server-settings.js';
import type { FreshnessStatus } from '../feed/freshness-status.js';
import { Refusal } from '../refusals/refusal.js';
import { aToken } from '../claims/a-token.spec-support.js';
import type { BearerError } from '../refusals/bearer-error.js';
import { TokenChecks } from './token-checks.js';
import { TokenLookup, type Verdict } from '../introspection/token-lookup.js';
import { OPTIONS } from './access-token.guard.spec-support.js';
import { TokenWatch } from './token-watch.js';

/** Knows one verdict, and counts how often it is asked. */
class OneVerdict extends TokenLookup {
  asked = 0;
  cached: Verdict | undefined;
  constructor(public verdict: Verdict | Error) {
    super();
  }

  getCached(): Verdict | undefined {
    return this.cached;
  }

  lookUp(): Promise<Verdict> {
    return this.lookUpAgain();
  }

  lookUpAgain(): Promise<Verdict> {
    this.asked++;
    return this.verdict instanceof Error ? Promise.reject(this.verdict) : Promise.resolve(this.verdict);
  }
}

describe('TokenWatch', () => {
  let tokens: OneVerdict;
  let watch: TokenWatch;
  let bound: number;
  let feedAgeMs: number | null;

  beforeEach(() => {
    jest.useFakeTimers();
    const settings = new ResourceServerSettings({
      ...OPTIONS,
      cache: { ttlMs: 2000 },
    });
    bound = settings.revocationBoundMs ?? 0;
    tokens = new OneVerdict(aToken());
    feedAgeMs = null;
    const { status } = new TokenChecks(settings);
    const withFeed = Object.create(status, { feedAgeMs: { get: () => feedAgeMs } }) as FreshnessStatus;
    watch = new TokenWatch(tokens, withFeed, settings);
  });

  afterEach(() => void jest.useRealTimers());

  it('asks about a token as long as something goes on with it, once for all', async () => {
    const [one, other] = [new EventEmitter(), new EventEmitter()];
    watch.signalFor('a', aToken(), one);
    watch.signalFor('a', aToken(), other);
    await jest.advanceTimersByTimeAsync(10 * bound);
    const { asked } = tokens;
    expect(asked).toBeGreaterThanOrEqual(19);
    expect(asked).toBeLessThanOrEqual(41);
    one.emit('close');
    await jest.advanceTimersByTimeAsync(bound);
    expect(tokens.asked).toBeGreaterThan(asked);
  });

  it('leaves nothing behind of what has ended', async () => {
    const lifetimes = Array.from({ length: 100 }, () => new EventEmitter());
    const signals = lifetimes.map((lifetime, index) =>
      watch.signalFor(`token-${index % 7}`, aToken(), lifetime),
    );
    await jest.advanceTimersByTimeAsync(bound);
    for (const lifetime of lifetimes) lifetime.emit('close');
    expect(jest.getTimerCount()).toBe(0);
    const { asked } = tokens;
    tokens.verdict = new Refusal('inactive');
    await jest.advanceTimersByTimeAsync(10 * bound);
    expect(tokens.asked).toBe(asked);
    expect(signals.some(({ aborted }) => aborted)).toBe(false);
    expect(lifetimes.every((lifetime) => lifetime.listenerCount('close') === 0)).toBe(true);
  });

  it('gives all calls of one socket and token one signal', async () => {
    const socket = new EventEmitter();
    const signals = Array.from({ length: 20 }, () => watch.signalFor('a', aToken(), socket));
    expect(new Set(signals).size).toBe(1);
    expect(socket.listenerCount('close')).toBe(1);
    expect(watch.signalFor('b', aToken(), socket)).not.toBe(signals[0]);
    tokens.verdict = new Refusal('revoked');
    await jest.advanceTimersByTimeAsync(bound);
    expect(signals[0]?.aborted).toBe(true);
    expect(watch.signalFor('a', aToken(), socket).aborted).toBe(false);
  });

  it('keeps checking the other tokens when one is no longer used', async () => {
    const over = new EventEmitter();
    watch.signalFor('a', aToken(), over);
    const signal = watch.signalFor('b', aToken(), new EventEmitter());
    await jest.advanceTimersByTimeAsync(bound);
    over.emit('close');
    tokens.verdict = new Refusal('revoked');
    await jest.advanceTimersByTimeAsync(bound);
    expect(signal.aborted).toBe(true);
  });

  it('keeps checking a token that is used again before its ended request has closed', async () => {
    const ended = new EventEmitter();
    tokens.verdict = new Error('away');
    expect(watch.signalFor('a', aToken(), ended).aborted).toBe(false);
    await jest.advanceTimersByTimeAsync(bound);
    tokens.verdict = aToken();
    const signal = watch.signalFor('a', aToken(), new EventEmitter());
    ended.emit('close');
    tokens.verdict = new Refusal('revoked');
    await jest.advanceTimersByTimeAsync(bound);
    expect((signal.reason as BearerError).refusal).toBe(tokens.verdict);
  });

  it('stops with the application', () => {
    watch.signalFor('a', aToken(), new EventEmitter());
    watch.onApplicationShutdown();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('asks a quarter of the bound later when the last question had no answer', async () => {
    tokens.verdict = new Error('away');
    const signal = watch.signalFor('a', aToken(), new EventEmitter());
    await jest.advanceTimersByTimeAsync(bound);
    expect([tokens.asked, signal.aborted]).toEqual([2, true]);
  });

  it.each([
    ['is refused', new Refusal('inactive'), 401],
    ['cannot be judged any more', new Error('away'), 503],
  ])('ends all signals of a token that %s, within the bound', async (_, verdict, status) => {
    const signals = [0, 1].map(() => watch.signalFor('a', aToken(), new EventEmitter()));
    await jest.advanceTimersByTimeAsync(3 * bound);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
    tokens.verdict = verdict;
    await jest.advanceTimersByTimeAsync(bound);
    expect(signals.map(({ reason }) => (reason as { getStatus(): number }).getStatus())).toEqual([
      status,
      status,
    ]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('ends a token that the authorization server has not refused yet', async () => {
    const signal = watch.signalFor('a', aToken({ expiresAt: Date.now() + 1000 }), new EventEmitter());
    await jest.advanceTimersByTimeAsync(5000);
    expect(signal.aborted).toBe(false);
    await jest.advanceTimersByTimeAsync(2000);
    expect(signal.aborted).toBe(true);
    expect((signal.reason as BearerError).refusal).toEqual(new Refusal('expired'));
  });

  it('does not end a token that never expires', async () => {
    const signal = watch.signalFor('a', aToken({ expiresAt: null }), new EventEmitter());
    await jest.advanceTimersByTimeAsync(10 * bound);
    expect(signal.aborted).toBe(false);
  });

  it('asks nothing about a cached token while the feed is complete', async () => {
    tokens.cached = aToken();
    feedAgeMs = 0;
    const signal = watch.signalFor('a', aToken(), new EventEmitter());
    await jest.advanceTimersByTimeAsync(10 * bound);
    expect([tokens.asked, signal.aborted]).toEqual([0, false]);
  });

  it('does not count on a feed that is as old as the bound, nor on one of a token that is not cached', async () => {
    feedAgeMs = bound;
    tokens.cached = aToken();
    tokens.verdict = new Error('away');
    const old = watch.signalFor('a', aToken(), new EventEmitter());
    await jest.advanceTimersByTimeAsync(bound);
    expect(old.aborted).toBe(true);
    feedAgeMs = 0;
    tokens.cached = undefined;
    const uncached = watch.signalFor('b', aToken(), new EventEmitter());
    await jest.advanceTimersByTimeAsync(bound);
    expect(uncached.aborted).toBe(true);
  });

  it('asks at once about a token that the feed has taken out of the cache', async () => {
    tokens.cached = aToken();
    feedAgeMs = 0;
    const signal = watch.signalFor('a', aToken(), new EventEmitter());
    await jest.advanceTimersByTimeAsync(bound);
    tokens.cached = undefined;
    tokens.verdict = new Refusal('inactive');
    await jest.advanceTimersByTimeAsync(bound / 10);
    expect([tokens.asked, signal.aborted]).toEqual([1, true]);
  });

  it('ends a token whose refusal is cached, with the reason, and without asking', async () => {
    const refusal = new Refusal('inactive');
    tokens.cached = refusal;
    const signal = watch.signalFor('a', aToken(), new EventEmitter());
    await jest.advanceTimersByTimeAsync(bound / 10);
    expect(signal.aborted).toBe(true);
    expect((signal.reason as BearerError).refusal).toBe(refusal);
    expect(tokens.asked).toBe(0);
  });

  it('looks before data are sent when the last look was too long ago, and only then', async () => {
    const signal = watch.signalFor('a', aToken(), new EventEmitter());
    await jest.advanceTimersByTimeAsync(bound / 10);
    tokens.cached = new Refusal('inactive');
    watch.lookIfLate();
    expect(signal.aborted).toBe(false);
    // The event loop was blocked: time has passed, and no timer has run.
    const late = jest.spyOn(performance, 'now').mockReturnValue(performance.now() + bound);
    watch.lookIfLate();
    late.mockRestore();
    expect(signal.aborted).toBe(true);
  });
});
