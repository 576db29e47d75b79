import { LRUCache } from 'lru-cache';
import type { AccessToken } from '../claims/access-token.js';
import type { Revocation } from '../feed/feed-message.js';
import type { FeedNames } from './feed-names.js';
import { growingTo } from './growing-to.js';

interface CachedToken {
  readonly token: AccessToken;
  /** True when the token was validated locally: it may be used only while the feed is live. */
  readonly isLocal: boolean;
  /** When the token has to be looked up again at the latest, in milliseconds of the monotonic clock. */
  readonly staleAt: number;
}

interface Entry extends CachedToken {
  /** The name or digest in the feed. */
  readonly owner: string | null;
  readonly client: string | null;
}

/** The digests of tokens by a property that several tokens may share. */
type Index = Map<string, Set<string>>;

/** Valid tokens by their digest, bounded, and indexed by the names in the feed. The least recently used goes first. */
export class TokenCache {
  #entries: LRUCache<string, Entry>;
  readonly #bySession: Index = new Map();
  readonly #byOwner: Index = new Map();
  readonly #byClient: Index = new Map();

  /**
   * @param onEviction called for each entry that is evicted
   * @param names the names of owners and clients in the feed
   */
  constructor(
    private readonly maxEntries: number,
    private readonly onEviction: () => void,
    private readonly names: FeedNames,
  ) {
    this.#entries = this.#newEntries();
  }

  get size(): number {
    return this.#entries.size;
  }

  /** @returns the entry, which may have expired */
  get(digest: string): CachedToken | null {
    return this.#entries.get(digest) ?? null;
  }

  set(digest: string, cached: CachedToken): void {
    const { subject, clientId, sessionId } = cached.token;
    const owner = subject === null ? null : this.names.of(subject);
    const client = clientId === null ? null : this.names.of(clientId);
    this.#entries.set(digest, { ...cached, owner, client });
    add(this.#bySession, sessionId, digest);
    add(this.#byOwner, owner, digest);
    add(this.#byClient, client, digest);
  }

  delete(digest: string): void {
    this.#entries.delete(digest);
  }

  /** Removes all tokens that the revocation concerns. */
  drop(revocation: Revocation): void {
    // A copy: each deletion changes the index.
    for (const digest of [...(this.#digestsOf(revocation) ?? [])]) this.#entries.delete(digest);
  }

  /** All at once: tokens that leave the indexes one by one would block the event loop of a guard with many of them. */
  clear(): void {
    this.#entries = this.#newEntries();
    for (const index of [this.#bySession, this.#byOwner, this.#byClient]) index.clear();
  }

  #newEntries(): LRUCache<string, Entry> {
    return new LRUCache({
      ...growingTo(this.maxEntries),
      dispose: (entry, digest, reason) => {
        this.#leaveIndexes(entry, digest);
        if (reason === 'evict') this.onEviction();
      },
    });
  }

  #digestsOf(revocation: Revocation): Set<string> | undefined {
    if ('sid' in revocation) return this.#bySession.get(revocation.sid);
    if ('sub' in revocation) return this.#byOwner.get(revocation.sub);
    return this.#byClient.get(revocation.clientId);
  }

  #leaveIndexes({ token, owner, client }: Entry, digest: string): void {
    remove(this.#bySession, token.sessionId, digest);
    remove(this.#byOwner, owner, digest);
    remove(this.#byClient, client, digest);
  }
}

function add(index: Index, name: string | null, digest: string): void {
  if (name === null) return;
  const digests = index.get(name);
  if (digests === undefined) index.set(name, new Set([digest]));
  else digests.add(digest);
}

function remove(index: Index, name: string | null, digest: string): void {
  if (name === null) return;
  const digests = index.get(name);
  digests?.delete(digest);
  if (digests?.size === 0) index.delete(name);
}
