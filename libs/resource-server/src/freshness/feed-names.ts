import { feedDigest } from '@latchkey/contracts';
import { LRUCache } from 'lru-cache';

/** Names whose digests are kept, so that a client's is not made for each of its tokens. */
const MAX_KEPT = 1000;

/** What the feed calls a resource owner or client: by name, or by a digest under the key of the stream. */
export class FeedNames {
  readonly #kept = new LRUCache<string, string>({ max: MAX_KEPT });
  #key: string | null = null;

  /**
   * @param key `null`: the stream has plain names
   * @returns whether names are others than before
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
