import { LRUCache } from 'lru-cache';

/** Whether every change that invalidates is received. */
export interface ChangeFeed {
  readonly inSync: boolean;
}

export interface CoherentCacheOptions {
  /** For metrics. */
  readonly name: string;
  /** A bound on what is cached; the least recently used goes first. */
  readonly maxEntries: number;
}

/**
 * Caches what was read, until a change of it is received. What was being read at that moment may be older than the change:
 * it answers those who asked before, is not cached, and later look-ups do not join it. Absence is not cached, so that made-up
 * keys displace nothing.
 */
export class CoherentCache<V extends object> {
  readonly #entries: LRUCache<string, V>;
  /** What is being read and has not been invalidated since. */
  readonly #readings = new Map<string, Promise<V | null>>();
  #hits = 0;
  #misses = 0;
  #bypasses = 0;

  constructor(
    private readonly changes: ChangeFeed,
    private readonly options: CoherentCacheOptions,
  ) {
    this.#entries = new LRUCache({ max: options.maxEntries });
  }

  get name(): string {
    return this.options.name;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** `bypass`: asked while changes may be missed. */
  get requests(): { hit: number; miss: number; bypass: number } {
    return { hit: this.#hits, miss: this.#misses, bypass: this.#bypasses };
  }

  /** What is cached, for callers that go on to {@link find} without it; it counts as a request only where there is a value. */
  getCached(key: string): V | null {
    const value = this.changes.inSync ? this.#entries.get(key) : undefined;
    if (value === undefined) return null;
    this.#hits++;
    return value;
  }

  /**
   * Answers at once with what is cached, and else with what `read` finds in the database.
   *
   * @returns `null`: there is no such value
   */
  find(key: string, read: () => Promise<V | null>): V | null | Promise<V | null> {
    return this.getCached(key) ?? this.reread(key, read);
  }

  /** Reads it even if it is cached, which takes exactly as long as to find that there is no such value. */
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
