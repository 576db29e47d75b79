import { assertIsToken, type AccessToken } from '../bearer/access-token.js';
import { TokenIntrospector } from '../introspection/token-introspector.js';
import type { FreshnessCounters } from './freshness-status.js';
import type { KnownTokens } from './known-tokens.js';
import { SharedLookups } from './shared-lookups.js';
import { digestOf } from './token-digest.js';
import type { TokenMemory } from './token-memory.js';

/** Judges tokens by their signature; see {@link RememberingIntrospector}. */
export interface LocalValidator {
  /** @returns `null` for a token that is not good, `'undecided'` when it is not for this validator to say */
  validate(token: string): Promise<AccessToken | null | 'undecided'>;
}

/** Asks about a token once, and again only when the answer may have changed. */
export class RememberingIntrospector extends TokenIntrospector implements KnownTokens {
  readonly #lookups: SharedLookups<AccessToken | null>;

  /**
   * @param validator where tokens are validated here while the feed is live, else `null`
   * @param maxLookupAgeMs how old a look-up may be that another request shares
   */
  constructor(
    private readonly introspector: TokenIntrospector,
    private readonly validator: LocalValidator | null,
    private readonly memory: TokenMemory,
    private readonly counters: FreshnessCounters,
    maxLookupAgeMs: number,
  ) {
    super();
    this.#lookups = new SharedLookups(maxLookupAgeMs, () => counters.shared++);
  }

  recall(text: string): AccessToken | null | undefined {
    return this.memory.recall(digestOf(text));
  }

  introspect(token: string): AccessToken | null | Promise<AccessToken | null> {
    const key = digestOf(token);
    const recalled = this.memory.recall(key);
    if (recalled !== undefined) return recalled;
    return this.#lookups.share(key, this.memory.changedAt, () => this.#lookUp(key, token));
  }

  async #lookUp(key: string, token: string): Promise<AccessToken | null> {
    if (this.validator !== null && this.memory.isComplete) {
      this.counters.validations++;
      const startedAt = performance.now();
      const validated = await this.validator.validate(token);
      const verdict = validated === 'undecided' ? validated : this.memory.judge(key, validated, startedAt);
      if (verdict !== 'undecided') return verdict;
    }
    this.counters.introspections++;
    const askedAt = performance.now();
    const answer = await this.introspector.introspect(token);
    assertIsToken(answer);
    return this.memory.learn(key, answer, askedAt);
  }
}
