import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ResourceServerSettings } from '../options/resource-server-settings.js';
import { Refusal } from '../refusals/refusal.js';
import { aToken } from '../freshness/a-token.spec-support.js';
import { TokenChecks } from './token-checks.js';
import { TokenLookup, type Verdict } from '../introspection/token-lookup.js';
import { TokenWatch } from './token-watch.js';

/** Knows one verdict, and counts how often it is asked. */
class OneVerdict extends TokenLookup {
  asked = 0;
  constructor(public verdict: Verdict | Error) {
    super();
  }

  getCached(): undefined {
    return undefined;
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

  beforeEach(() => {
    jest.useFakeTimers();
    const settings = new ResourceServerSettings({
      introspectionEndpoint: 'https://as.example/introspect',
      clientId: 'api',
      clientSecret: 'a-secret',
      issuer: 'https://as.example',
      audience: 'https://api.example',
      cache: { ttlMs: 2000 },
    });
    bound = settings.revocationBoundMs ?? 0;
    tokens = new OneVerdict(aToken());
    watch = new TokenWatch(tokens, new TokenChecks(settings).status, settings);
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
  });
});
