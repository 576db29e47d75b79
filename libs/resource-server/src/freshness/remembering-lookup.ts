import type { FreshnessCounters } from '../feed/freshness-status.js';
import { SharedLookups } from './shared-lookups.js';
import { digestOf } from './token-digest.js';
import { TokenLookup, type Verdict } from '../introspection/token-lookup.js';
import type { TokenMemory } from './token-memory.js';

/** Validates tokens by their signature; see {@link RememberingLookup}. */
export interface LocalValidator {
  /** @returns `'undecided'` when this validator cannot decide */
  validate(token: string): Promise<Verdict | 'undecided'>;
}

/** Looks a token up once, and again only when the answer may have changed. */
export class RememberingLookup extends TokenLookup {
  readonly #lookups: SharedLookups<Verdict>;

  /**
   * @param source answers look-ups that are not cached
   * @param validator validates tokens locally while the feed is live; `null`: none
   * @param maxLookupAgeMs maximum age of a running look-up that another request may share
   * @param counted the counter for look-ups of the source
   */
  constructor(
    private readonly source: Pick<TokenLookup, 'lookUp'>,
    private readonly validator: LocalValidator | null,
    private readonly memory: TokenMemory,
    private readonly counters: FreshnessCounters,
    maxLookupAgeMs: number,
    private readonly counted: 'introspections' | 'validations' = 'introspections',
  ) {
    super();
    this.#lookups = new SharedLookups(maxLookupAgeMs, () => counters.shared++);
  }

  getCached(text: string): Verdict | undefined {
    return this.memory.getCached(digestOf(text));
  }

  lookUp(token: string): Verdict | Promise<Verdict> {
    const key = digestOf(token);
    const cached = this.memory.getCached(key);
    if (cached !== undefined) return cached;
    return this.#lookups.share(key, this.memory.changedAt, () => this.#ask(key, token));
  }

  lookUpAgain(token: string): Promise<Verdict> {
    const key = digestOf(token);
    // Does not share an earlier look-up, whose answer may be older.
    return this.#lookups.share(key, performance.now(), () => this.#ask(key, token));
  }

  async #ask(key: string, token: string): Promise<Verdict> {
    if (this.validator !== null && this.memory.isComplete) {
      this.counters.validations++;
      const startedAt = performance.now();
      const validated = await this.validator.validate(token);
      const verdict = validated === 'undecided' ? validated : this.memory.judge(key, validated, startedAt);
      if (verdict !== 'undecided') return verdict;
    }
    this.counters[this.counted]++;
    const askedAt = performance.now();
    return this.memory.learn(key, await this.source.lookUp(token), askedAt);
  }
}
