import { growingTo } from '@latchkey/platform/caching';
import { LRUCache } from 'lru-cache';

/** Whether every change that invalidates an entry is received. */
interface ChangeFeed {
  readonly inSync: boolean;
}

export interface CoherentCacheOptions {
  /** For metrics. */
  readonly name: string;
  /** Maximum number of entries; the least recently used one is evicted first. */
  readonly maxEntries: number;
}

/**
 * Caches values until a change of them is received. A read in progress at that moment may return an older value: it
 * answers the look-ups that already wait for it, is not cached, and later look-ups do not join it. Absence is not
 * cached, so look-ups of made-up keys evict nothing.
 */
export class CoherentCache<V extends object> {
  readonly #entries: LRUCache<string, V>;
  /** Reads in progress that have not been invalidated. */
  readonly #readings = new Map<string, Promise<V | null>>();
  #hits = 0;
  #misses = 0;
  #bypasses = 0;

  constructor(
    private readonly changes: ChangeFeed,
    private readonly options: CoherentCacheOptions,
  ) {
    this.#entries = new LRUCache(growingTo(options.maxEntries));
  }

  get name(): string {
    return this.options.name;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** `bypass`: look-ups while changes may be missed. */
  get requests(): { hit: number; miss: number; bypass: number } {
    return { hit: this.#hits, miss: this.#misses, bypass: this.#bypasses };
  }

  /** The cached value, for callers that call {@link find} when there is none. Only a hit counts as a request. */
  getCached(key: string): V | null {
    const value = this.changes.inSync ? this.#entries.get(key) : undefined;
    if (value === undefined) return null;
    this.#hits++;
    return value;
  }

  /**
   * Returns the cached value at once, else a promise of what `read` finds in the database.
   *
   * @returns `null`: there is no such value
   */
  find(key: string, read: () => Promise<V | null>): V | null | Promise<V | null> {
    return this.getCached(key) ?? this.reread(key, read);
  }

  /** Reads the value even if it is cached, so that an existing key takes exactly as long as a missing one. */
  reread(key: string, read: () => Promise<V | null>): Promise<V | null> {
    if (!this.changes.inSync) {
      this.#bypasses++;
      return read();
    }
    this.#misses++;
    const running = this.#readings.get(key);
    if (running !== undefined) return running;
    const reading = read()
      .then((value) => {
        const isCurrent = this.#readings.get(key) === reading && this.changes.inSync;
        if (value !== null && isCurrent) this.#entries.set(key, value);
        return value;
      })
      .finally(() => {
        if (this.#readings.get(key) === reading) this.#readings.delete(key);
      });
    this.#readings.set(key, reading);
    return reading;
  }

  invalidate(key: string): void {
    this.#readings.delete(key);
    this.#entries.delete(key);
  }

  clear(): void {
    this.#readings.clear();
    this.#entries.clear();
  }
}
