import { growingTo } from '@latchkey/platform/caching';
import { LRUCache } from 'lru-cache';

/** A burst of requests that takes this long at the rate passes at once. */
const BURST_MS = 50;

/** The longest delay of a request. */
const MAX_DELAY_MS = 1000;

/** Above this the least recently used keys are evicted; an evicted key starts again. */
const MAX_KEYS = 10_000;

/**
 * Spreads out the requests of each key to a number per second, in the memory of this server. A short burst passes at
 * once, a longer one is delayed, and requests that would wait too long are refused.
 */
export class RateLimit {
  /** When the next request of a key may proceed. */
  readonly #due = new LRUCache<string, number>(growingTo(MAX_KEYS));

  constructor(private readonly perSecond: number) {}

  /**
   * @param now milliseconds, by a monotonic clock
   * @returns the delay of the request in milliseconds; `null`: it is refused, and not counted
   */
  schedule(key: string, now: number): number | null {
    const due = Math.max(this.#due.get(key) ?? now, now);
    const delay = Math.max(0, due - now - BURST_MS);
    if (delay > MAX_DELAY_MS) return null;
    this.#due.set(key, due + 1000 / this.perSecond);
    return delay;
  }
}
