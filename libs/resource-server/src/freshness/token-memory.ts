import type { MemorySettings } from '../options/freshness-settings.js';
import { Logger } from '@nestjs/common';
import type { AccessToken } from '../claims/access-token.js';
import type { Revocation } from '../feed/feed-message.js';
import type { FeedListener } from '../feed/feed-session.js';
import { Refusal } from '../refusals/refusal.js';
import { RepeatedWarning } from '../refusals/repeated-warning.js';
import { FeedNames } from './feed-names.js';
import { RefusedTokens } from './refused-tokens.js';
import type { FreshnessCounters } from '../feed/freshness-status.js';
import type { Verdict } from '../introspection/token-lookup.js';
import { TokenCache } from './token-cache.js';
import { Tombstones } from './tombstones.js';

/** How long a token without expiry in the answer is cached. */
const WITHOUT_END_MS = 5000;

/** How far cached answers can be relied on. Times by `performance.now()`. */
export interface Freshness {
  /** Until when cached answers may be used. */
  readonly usableUntil: number;
  /** Until when tokens may be validated locally. */
  readonly liveUntil: number;
  /** The latest possible time of the server's clock; `null` when it is unknown. */
  serverTime(): number | null;
}

/** With `by-feed`, an answer is cached only if it has all the names by which the feed could revoke it. */
export type Coverage = 'by-feed' | 'none';

/** Cached verdicts on tokens, and the revocations that the feed has sent. */
export class TokenMemory implements FeedListener {
  readonly #tombstones: Tombstones;
  readonly #good: TokenCache;
  readonly #bad: RefusedTokens;
  readonly #logger = new Logger('ResourceServer');
  readonly #warning = new RepeatedWarning(this.#logger);

  constructor(
    private readonly settings: MemorySettings,
    private readonly coverage: Coverage,
    private readonly counters: FreshnessCounters,
    private readonly freshness: () => Freshness,
    private readonly onRestart: () => void = () => undefined,
  ) {
    const names = new FeedNames();
    this.#tombstones = new Tombstones(settings.maxTombstones, names, settings.sessionsNeededMs, () =>
      this.#crowded(),
    );
    this.#good = new TokenCache(settings.maxEntries, () => counters.evictions++, names);
    this.#bad = new RefusedTokens(settings.maxNegativeEntries);
  }

  get size(): number {
    return this.#good.size;
  }

  get tombstones(): number {
    return this.#tombstones.size;
  }

  /** Answers to look-ups from before this time must not be used for requests after it. */
  get changedAt(): number {
    return this.#tombstones.changedAt;
  }

  /** Whether tokens may be validated locally. */
  get isComplete(): boolean {
    const now = performance.now();
    return now < this.freshness().liveUntil && now >= this.#tombstones.completeFrom;
  }

  /** @returns `undefined` when the token has to be looked up */
  getCached(key: string): Verdict | undefined {
    const now = performance.now();
    const freshness = this.freshness();
    if (now >= freshness.usableUntil || now < this.#tombstones.completeFrom) return undefined;
    const entry = this.#good.get(key);
    if (entry === null) return this.#cachedRefusal(key, now);
    if (now >= entry.staleAt || Date.now() >= (entry.token.expiresAt ?? Infinity)) {
      this.#good.delete(key);
      return undefined;
    }
    if (entry.isLocal && now >= freshness.liveUntil) return undefined;
    if (this.#tombstones.mayMiss(entry.token, now)) return undefined;
    this.counters.hits++;
    return entry.token;
  }

  /**
   * Processes the answer of a look-up.
   *
   * @param askedAt when the look-up began; later revocations in the feed override the answer
   * @returns the resulting verdict
   */
  learn(key: string, answer: Verdict, askedAt: number): Verdict {
    const now = performance.now();
    if (answer instanceof Refusal) return this.#refuse(key, answer, askedAt, now);
    if (this.#tombstones.isDead(answer, now)) {
      this.counters.refusedByFeed++;
      return this.#refuse(key, new Refusal('revoked'), askedAt, now);
    }
    const until = this.#isCovered(answer) ? this.#tombstones.rememberUntil(answer, askedAt, now) : -Infinity;
    this.#cache(key, answer, Math.min(until, askedAt + this.settings.ttlMs), false);
    return answer;
  }

  /**
   * Processes the result of a local validation.
   *
   * @param askedAt when the validation began; the keys may have changed since then
   * @returns the resulting verdict, or `'undecided'` when the authorization server has to be asked
   */
  judge(key: string, token: Verdict, askedAt: number): Verdict | 'undecided' {
    const now = performance.now();
    if (token instanceof Refusal) return this.#refuse(key, token, askedAt, now);
    if (!this.isComplete || token.sessionId === null) return 'undecided';
    if (this.#tombstones.isRevoked(token, now)) {
      this.counters.refusedByFeed++;
      return this.#refuse(key, new Refusal('revoked'), askedAt, now);
    }
    // The token has no epochs, and its scopes and groups may have changed.
    if (this.#tombstones.hasChanged(token, now) || this.#tombstones.mayMiss(token, now)) return 'undecided';
    const until = this.#tombstones.rememberUntil(token, askedAt, now);
    if (until === -Infinity) return 'undecided';
    this.#cache(key, token, Math.min(until, now + this.settings.ttlMs), true);
    return token;
  }

  restart(maxTokenLifetimeMs: number, digestKey: string | null, databaseId: string | null): void {
    this.#good.clear();
    this.#bad.clear();
    const now = performance.now();
    if (this.#tombstones.useDatabase(databaseId, now)) {
      this.#logger.warn(
        'The authorization server has another database than before, as after a restore: changes of users and clients that were received before are dropped',
      );
    }
    this.#tombstones.restart(maxTokenLifetimeMs, now, digestKey);
    this.onRestart();
  }

  revoke(revocation: Revocation): void {
    this.counters.feedEvents++;
    this.#tombstones.revoke(revocation, performance.now());
    this.#good.drop(revocation);
    // A change of an owner or client may have added rights, so that refused tokens may be valid now.
    if (!('sid' in revocation)) this.#bad.clear();
  }

  #crowded(): void {
    this.counters.crowdedOut++;
    this.#warning.warn(
      () =>
        'A client ended more of its sessions than there is room for; its tokens are asked about each time',
    );
  }

  #cachedRefusal(key: string, now: number): Refusal | undefined {
    const refusal = this.#bad.get(key, now);
    if (refusal === null) return undefined;
    this.counters.negativeHits++;
    return refusal;
  }

  #refuse(key: string, refusal: Refusal, askedAt: number, now: number): Refusal {
    this.#good.delete(key);
    const { negativeTtlMs } = this.settings;
    if (negativeTtlMs > 0 && askedAt >= this.changedAt) this.#bad.set(key, refusal, now + negativeTtlMs);
    return refusal;
  }

  #cache(key: string, token: AccessToken, until: number, isLocal: boolean): void {
    const now = performance.now();
    // A clock that is set back does not make the token live longer.
    const clock = Math.max(Date.now(), this.freshness().serverTime() ?? 0);
    const { expiresAt } = token;
    const lifetime = expiresAt === null ? WITHOUT_END_MS : expiresAt - clock;
    const staleAt = Math.min(until, now + lifetime);
    if (now < staleAt) this.#good.set(key, { token, isLocal, staleAt });
  }

  #isCovered({ sessionId, clientEpoch, ownerEpoch, subject, clientId }: AccessToken): boolean {
    if (this.coverage === 'none') return true;
    if (sessionId === null || clientId === null || clientEpoch === null) return false;
    return ownerEpoch !== null || subject === null || subject === clientId;
  }
}
