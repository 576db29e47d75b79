import type { Refusal } from '../refusals/refusal.js';

interface Entry {
  readonly refusal: Refusal;
  readonly expiresAt: number;
  /** Since the entry was last passed over when room was made. */
  used: boolean;
}

/** Entries that are passed over when room is made, at most, so that making room takes a bounded time. */
const MOST_PASSED_OVER = 32;

/**
 * Tokens that are known not to be good, by their digest, for a while. Anybody can make up more of them than there is room
 * for, so those that were only seen once go first: a client that repeats a dead token goes on to cost no question.
 */
export class RefusedTokens {
  readonly #entries = new Map<string, Entry>();

  constructor(private readonly maxEntries: number) {}

  get size(): number {
    return this.#entries.size;
  }

  get(digest: string, now: number): Refusal | null {
    const entry = this.#entries.get(digest);
    if (entry === undefined || now >= entry.expiresAt) return null;
    entry.used = true;
    return entry.refusal;
  }

  set(digest: string, refusal: Refusal, expiresAt: number, now: number): void {
    this.#entries.delete(digest);
    if (this.#entries.size >= this.maxEntries) this.#makeRoom(now);
    this.#entries.set(digest, { refusal, expiresAt, used: false });
  }

  clear(): void {
    this.#entries.clear();
  }

  #makeRoom(now: number): void {
    let passedOver = 0;
    for (const [digest, entry] of this.#entries) {
      this.#entries.delete(digest);
      if (!entry.used || now >= entry.expiresAt || passedOver++ >= MOST_PASSED_OVER) return;
      entry.used = false;
      this.#entries.set(digest, entry);
    }
  }
}
