/**
 * `live`: every revocation arrives. `degraded`: silent or broken, but not yet for longer than answers may be stale;
 * cached answers are still used, but no token is validated locally. `down`: nothing is served from the cache, every
 * token is introspected. `off`: there is no feed.
 */
export type FeedState = 'live' | 'degraded' | 'down' | 'off';

/** Counters since the start; they never decrease. */
export interface FreshnessCounters {
  /** Tokens that were accepted from the cache. */
  hits: number;
  /** Tokens that were refused from the cache. */
  negativeHits: number;
  /** Introspection requests. */
  introspections: number;
  /** Requests that shared a running introspection. */
  shared: number;
  /** Tokens whose signature was verified locally. */
  validations: number;
  /** Active answers and valid tokens that were refused because of a revocation in the feed. */
  refusedByFeed: number;
  /** Entries that were evicted to make room. */
  evictions: number;
  /** Clients whose ended sessions exceeded their room; all of their tokens were introspected for a while. */
  crowdedOut: number;
  /** Revocations and changes that the feed has sent. */
  feedEvents: number;
  /** Streams that were requested. */
  feedConnections: number;
}

export function newCounters(): FreshnessCounters {
  return {
    hits: 0,
    negativeHits: 0,
    introspections: 0,
    shared: 0,
    validations: 0,
    refusedByFeed: 0,
    evictions: 0,
    crowdedOut: 0,
    feedEvents: 0,
    feedConnections: 0,
  };
}

/** How fresh the guard's data are, for health checks and metrics. Inject it where needed. */
export abstract class FreshnessStatus {
  abstract readonly feedState: FeedState;
  /** Milliseconds since the feed was last known to be complete; `null` if it never was. */
  abstract readonly feedAgeMs: number | null;
  /** Valid tokens in the cache. */
  abstract readonly rememberedTokens: number;
  /** Revocations and changes in memory. */
  abstract readonly tombstones: number;
  abstract readonly counters: Readonly<FreshnessCounters>;

  /**
   * Calls the listener with each new state of the feed.
   *
   * @returns a function that unsubscribes
   */
  abstract onFeedStateChange(listener: (state: FeedState) => void): () => void;
}
