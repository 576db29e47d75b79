import { feedDigest } from '@latchkey/contracts';
import { LRUCache } from 'lru-cache';

/** Number of cached digests, so that the digest of a client is not computed for each of its tokens. */
const MAX_KEPT = 1000;

/** The names of resource owners and clients in the feed: plain names, or digests under the key of the stream. */
export class FeedNames {
  readonly #kept = new LRUCache<string, string>({ max: MAX_KEPT });
  #key: string | null = null;

  /**
   * @param key `null`: the stream has plain names
   * @returns whether the names differ from those before
   */
  use(key: string | null): boolean {
    const isOther = key !== this.#key;
    if (isOther) this.#kept.clear();
    this.#key = key;
    return isOther;
  }

  of(name: string): string {
    if (this.#key === null) return name;
    const kept = this.#kept.get(name);
    if (kept !== undefined) return kept;
    const digest = feedDigest(this.#key, name);
    this.#kept.set(name, digest);
    return digest;
  }
}
