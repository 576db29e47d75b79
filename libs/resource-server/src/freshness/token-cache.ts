import type { AccessToken } from '../bearer/access-token.js';
import type { Revocation } from '../feed/feed-message.js';
import { TokenIndex } from './token-index.js';

export interface RememberedToken {
  readonly token: AccessToken;
  /** True when nobody was asked about it: it is good only while the feed is live. */
  readonly isLocal: boolean;
  /** When it has to be asked about again at the latest, by the monotonic clock. */
  readonly staleAt: number;
  /** The token's, beside it: what a look-up reads lies together. */
  readonly expiresAt: number;
}

interface Entry extends RememberedToken {
  /** Since the entry was last passed over when room was made. */
  used: boolean;
}

/** Entries that are passed over when room is made, at most, so that making room takes a bounded time. */
const MOST_PASSED_OVER = 32;

/**
 * Good tokens by their digest, bounded, and found by what the feed may say about them. What has not been used since room
 * was last made goes first.
 */
export class TokenCache {
  readonly #entries = new Map<string, Entry>();
  readonly #bySession = new TokenIndex();
  readonly #byOwner = new TokenIndex();
  readonly #byClient = new TokenIndex();

  /** @param onEviction is told of each entry that had to go for another one */
  constructor(
    private readonly maxEntries: number,
    private readonly onEviction: () => void,
  ) {}

  get size(): number {
    return this.#entries.size;
  }

  /** @returns the entry, which may be past its end */
  get(key: string): RememberedToken | null {
    const entry = this.#entries.get(key);
    if (entry === undefined) return null;
    entry.used = true;
    return entry;
  }

  set(key: string, remembered: RememberedToken): void {
    this.delete(key);
    if (this.#entries.size >= this.maxEntries) this.#makeRoom();
    const { token, isLocal, staleAt, expiresAt } = remembered;
    // Written out: V8 gives each object that another one is spread into a shape of its own, and finds nothing in it quickly.
    this.#entries.set(key, { token, isLocal, staleAt, expiresAt, used: false });
    this.#bySession.add(token.sessionId, key);
    this.#byOwner.add(token.subject, key);
    this.#byClient.add(token.clientId, key);
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#bySession.delete(entry.token.sessionId, key);
    this.#byOwner.delete(entry.token.subject, key);
    this.#byClient.delete(entry.token.clientId, key);
  }

  /** Forgets all tokens that this is about. */
  drop(revocation: Revocation): void {
    for (const key of this.#keysOf(revocation)) this.delete(key);
  }

  clear(): void {
    for (const map of [this.#entries, this.#bySession, this.#byOwner, this.#byClient]) map.clear();
  }

  #keysOf(revocation: Revocation): string[] {
    if ('sid' in revocation) return this.#bySession.keysOf(revocation.sid);
    if ('sub' in revocation) return this.#byOwner.keysOf(revocation.sub);
    return this.#byClient.keysOf(revocation.clientId);
  }

  #makeRoom(): void {
    const now = performance.now();
    let passedOver = 0;
    for (const [key, entry] of this.#entries) {
      if (entry.used && now < entry.staleAt && passedOver++ < MOST_PASSED_OVER) {
        entry.used = false;
        this.#entries.delete(key);
        this.#entries.set(key, entry);
        continue;
      }
      this.delete(key);
      this.onEviction();
      return;
    }
  }
}
