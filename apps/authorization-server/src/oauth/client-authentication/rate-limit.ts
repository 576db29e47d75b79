import { LRUCache } from 'lru-cache';

/** Requests of so much time may come at once, before they are spread out. */
const BURST_MS = 50;

/** A request waits this long at most for its time. */
const MAX_DELAY_MS = 1000;

/** Beyond this the least recently used are forgotten. A forgotten key begins anew. */
const MAX_KEYS = 10_000;

/**
 * Spreads the requests of each key out, so many a second, in the memory of this server. A short burst goes through at once,
 * a longer one is delayed, and what would have to wait too long is refused.
 */
export class RateLimit {
  /** When the next request of a key is due. */
  readonly #due = new LRUCache<string, number>({ max: MAX_KEYS });

  constructor(private readonly perSecond: number) {}

  /**
   * @param now milliseconds, of any clock that does not go back
   * @returns how long the request has to wait for its time, in milliseconds; `null`: it is refused, and takes no time
   */
  schedule(key: string, now: number): number | null {
    const due = Math.max(this.#due.get(key) ?? now, now);
    const delay = Math.max(0, due - now - BURST_MS);
    if (delay > MAX_DELAY_MS) return null;
    this.#due.set(key, due + 1000 / this.perSecond);
    return delay;
  }
}
