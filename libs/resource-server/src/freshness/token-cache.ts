import type { AccessToken } from '../claims/access-token.js';
import type { Revocation } from '../feed/feed-message.js';
import { FeedNames } from './feed-names.js';
import { wordOf } from './token-digest.js';
import { TokenIndex } from './token-index.js';

/** Later than any time that matters here, and a whole number that V8 keeps in the entry itself. */
export const NO_END = 2 ** 31 - 1;

/** Times are whole numbers, which lie in the entry itself; V8 keeps others beside it. */
export interface RememberedToken {
  readonly token: AccessToken;
  /** True when nobody was asked about it: it is good only while the feed is live. */
  readonly isLocal: boolean;
  /** When it has to be asked about again at the latest, in milliseconds of the monotonic clock. */
  readonly staleAt: number;
  /** The token's end, in seconds since the epoch; {@link NO_END} where nobody says. */
  readonly expiresAtSeconds: number;
}

/**
 * An entry is reached by the first word of its digest and knows the next three, which makes 128 bits. Strings as keys
 * would be two places more to fetch from memory, for each request: of thousands of tokens, none is in the processor's cache.
 */
interface Entry extends RememberedToken {
  readonly word1: number;
  readonly word2: number;
  readonly word3: number;
  /** As the feed calls them. */
  readonly owner: string | null;
  readonly client: string | null;
  /** Since the entry was last passed over when room was made. */
  used: boolean;
}

/** Entries that are passed over when room is made, at most, so that making room takes a bounded time. */
const MOST_PASSED_OVER = 32;

/**
 * Good tokens by their digest, bounded, and found by what the feed may say about them. What has not been used since room
 * was last made goes first. Of two whose digests begin alike, the later takes the other's place, which costs a question.
 */
export class TokenCache {
  readonly #entries = new Map<number, Entry>();
  readonly #bySession = new TokenIndex();
  readonly #byOwner = new TokenIndex();
  readonly #byClient = new TokenIndex();

  /**
   * @param onEviction is told of each entry that had to go for another one
   * @param names what the feed calls owners and clients
   */
  constructor(
    private readonly maxEntries: number,
    private readonly onEviction: () => void,
    private readonly names = new FeedNames(),
  ) {}

  get size(): number {
    return this.#entries.size;
  }

  /** @returns the entry, which may be past its end */
  get(digest: string): RememberedToken | null {
    const entry = this.#entries.get(wordOf(digest, 0));
    if (entry === undefined || !isFor(entry, digest)) return null;
    entry.used = true;
    return entry;
  }

  set(digest: string, { token, isLocal, staleAt, expiresAtSeconds }: RememberedToken): void {
    const key = wordOf(digest, 0);
    this.#delete(key);
    if (this.#entries.size >= this.maxEntries) this.#makeRoom();
    const owner = token.subject === null ? null : this.names.of(token.subject);
    const client = token.clientId === null ? null : this.names.of(token.clientId);
    // Written out: V8 gives each object that another one is spread into a shape of its own, and finds nothing in it quickly.
    this.#entries.set(key, {
      word1: wordOf(digest, 1),
      word2: wordOf(digest, 2),
      word3: wordOf(digest, 3),
      owner,
      client,
      token,
      isLocal,
      staleAt,
      expiresAtSeconds,
      used: false,
    });
    this.#bySession.add(token.sessionId, key);
    this.#byOwner.add(owner, key);
    this.#byClient.add(client, key);
  }

  delete(digest: string): void {
    this.#delete(wordOf(digest, 0));
  }

  /** Forgets all tokens that this is about. */
  drop(revocation: Revocation): void {
    for (const key of this.#keysOf(revocation)) this.#delete(key);
  }

  clear(): void {
    for (const map of [this.#entries, this.#bySession, this.#byOwner, this.#byClient]) map.clear();
  }

  #delete(key: number): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#bySession.delete(entry.token.sessionId, key);
    this.#byOwner.delete(entry.owner, key);
    this.#byClient.delete(entry.client, key);
  }

  #keysOf(revocation: Revocation): number[] {
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
      this.#delete(key);
      this.onEviction();
      return;
    }
  }
}

function isFor(entry: Entry, digest: string): boolean {
  return (
    entry.word1 === wordOf(digest, 1) &&
    entry.word2 === wordOf(digest, 2) &&
    entry.word3 === wordOf(digest, 3)
  );
}
