import { LRUCache } from 'lru-cache';
import { growingTo } from './growing-to.js';
import type { Refusal } from '../refusals/refusal.js';

interface Entry {
  readonly refusal: Refusal;
  readonly expiresAt: number;
}

/**
 * Tokens that were recently refused, by their digest. A client can send any number of made-up tokens, so the least
 * recently used ones are evicted first. A client that repeats a dead token causes no further introspection.
 */
export class RefusedTokens {
  readonly #entries: LRUCache<string, Entry>;

  constructor(maxEntries: number) {
    this.#entries = new LRUCache(growingTo(maxEntries));
  }

  get(digest: string, now: number): Refusal | null {
    const entry = this.#entries.get(digest);
    return entry !== undefined && now < entry.expiresAt ? entry.refusal : null;
  }

  set(digest: string, refusal: Refusal, expiresAt: number): void {
    this.#entries.set(digest, { refusal, expiresAt });
  }

  clear(): void {
    this.#entries.clear();
  }
}
