interface Expiring<V> {
  readonly value: V;
  readonly expiresAt: number;
}

/** A bounded map with expiring entries. All live for about the same time, so the oldest one is the first to expire. */
export class ExpiringMap<V> {
  readonly #entries = new Map<string, Expiring<V>>();

  constructor(private readonly maxEntries: number) {}

  get size(): number {
    return this.#entries.size;
  }

  get(key: string, now: number): V | null {
    const entry = this.#entries.get(key);
    return entry !== undefined && now < entry.expiresAt ? entry.value : null;
  }

  /**
   * Adds or replaces an entry.
   *
   * @returns false when there is no room for a new one
   */
  set(key: string, value: V, expiresAt: number, now: number): boolean {
    this.#dropExpired(now);
    // At the end, so that the order stays that of the expiry.
    const isKnown = this.#entries.delete(key);
    if (!isKnown && this.#entries.size >= this.maxEntries) return false;
    this.#entries.set(key, { value, expiresAt });
    return true;
  }

  clear(): void {
    this.#entries.clear();
  }

  #dropExpired(now: number): void {
    for (const [key, { expiresAt }] of this.#entries) {
      if (now < expiresAt) return;
      this.#entries.delete(key);
    }
  }
}
