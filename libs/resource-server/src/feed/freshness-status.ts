/**
 * `live`: every revocation arrives. `degraded`: silent or broken, for less long than answers may be stale; cached answers
 * are still served, nothing is validated locally. `down`: nothing is served from the cache, every token is asked about.
 * `off`: there is no feed.
 */
export type FeedState = 'live' | 'degraded' | 'down' | 'off';

/** Since the start; each only grows. */
export interface FreshnessCounters {
  /** Times that a token was judged by what is remembered. */
  hits: number;
  /** The same for tokens that are known not to be good. */
  negativeHits: number;
  /** Questions to the introspection endpoint. */
  introspections: number;
  /** Requests that shared a question that was on its way. */
  shared: number;
  /** Tokens whose signature was checked here. */
  validations: number;
  /** Active answers and valid tokens that were refused because the feed knew better. */
  refusedByFeed: number;
  /** What was forgotten to make room. */
  evictions: number;
  /** Clients whose ended sessions had more than their share of the room; all of their tokens were asked about for a while. */
  crowdedOut: number;
  /** Revocations and changes that the feed told. */
  feedEvents: number;
  /** Streams that were asked for. */
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

/** How fresh what the guard knows is, for health checks and metrics. Inject it where needed. */
export abstract class FreshnessStatus {
  abstract readonly feedState: FeedState;
  /** Milliseconds since the feed was last known to be complete; `null` while it never was. */
  abstract readonly feedAgeMs: number | null;
  /** Tokens that are remembered as good. */
  abstract readonly rememberedTokens: number;
  /** Revocations and changes that are remembered. */
  abstract readonly tombstones: number;
  abstract readonly counters: Readonly<FreshnessCounters>;

  /**
   * Calls back with each new state of the feed.
   *
   * @returns ends it
   */
  abstract onFeedStateChange(listener: (state: FeedState) => void): () => void;
}
