import type { OptionChecks } from './option-checks.js';
import { readLocal, type LocalSettings } from './issuer-settings.js';
import type {
  CacheOptions,
  ResourceServerOptions,
  RevocationFeedOptions,
} from './resource-server-options.js';

export interface MemorySettings {
  readonly maxEntries: number;
  readonly maxNegativeEntries: number;
  readonly negativeTtlMs: number;
  /** How long an answer is used at most; `Infinity`: until the feed revokes it or it expires. */
  readonly ttlMs: number;
  /** Of each kind. */
  readonly maxTombstones: number;
  /** See `EndedSessions`. */
  readonly sessionsNeededMs: number;
}

/** A day, in milliseconds. */
const DAY_MS = 86_400_000;

/**
 * How long after the end of a session an answer that does not know of it may still arrive: the time until every server
 * has received the change, and the transmission, with a large margin.
 */
const LATE_ANSWER_MS = 60_000;

export interface FreshnessSettings {
  /** `null` where the authorization server has no revocation feed. */
  readonly feed: { readonly endpoint: string; readonly maxStalenessMs: number } | null;
  readonly memory: MemorySettings;
  /** `null` if no tokens are validated locally while the feed is live. */
  readonly local: LocalSettings | null;
}

export function readFreshness(options: ResourceServerOptions, checks: OptionChecks): FreshnessSettings {
  const { revocationFeed, cache, validation = 'introspection', jwks, claims } = options;
  const isLocal = validation === 'local';
  checks.check(isLocal || validation === 'introspection', 'validation must be introspection or local');
  if (revocationFeed !== undefined) {
    checks.check(
      (options.introspector ?? options.introspectionEndpoint) !== undefined,
      'revocationFeed takes an introspectionEndpoint',
    );
    checks.text('clientId', options.clientId);
    checks.text('clientSecret', options.clientSecret);
    checks.check((claims?.owner ?? 'sub') === 'sub', 'revocationFeed takes sub as claims.owner');
  }
  // Only introspection has a time-out: an introspector of the application may answer at any time.
  const isAsked = !isLocal && options.introspector === undefined;
  const neededMs = isAsked ? LATE_ANSWER_MS + (options.timeoutMs ?? 0) : Infinity;
  return Object.freeze({
    feed: revocationFeed === undefined ? null : readFeed(revocationFeed, checks),
    memory: readMemory(cache ?? {}, revocationFeed, neededMs, checks),
    local: isLocal && revocationFeed !== undefined ? readLocal(jwks, checks) : null,
  });
}

function readFeed({ endpoint, maxStalenessMs = 5000 }: RevocationFeedOptions, checks: OptionChecks) {
  checks.endpoint('revocationFeed.endpoint', endpoint);
  return Object.freeze({
    endpoint,
    maxStalenessMs: checks.integer('revocationFeed.maxStalenessMs', maxStalenessMs, 100, 60_000),
  });
}

function readMemory(
  cache: CacheOptions,
  feed: RevocationFeedOptions | undefined,
  sessionsNeededMs: number,
  checks: OptionChecks,
): MemorySettings {
  const { maxEntries = 50_000, maxNegativeEntries = 10_000, negativeTtlMs = 2000, ttlMs } = cache;
  const unlimited = feed === undefined ? 0 : Infinity;
  return Object.freeze({
    maxEntries: checks.integer('cache.maxEntries', maxEntries, 1, 10_000_000),
    maxNegativeEntries: checks.integer('cache.maxNegativeEntries', maxNegativeEntries, 1, 10_000_000),
    negativeTtlMs: checks.integer('cache.negativeTtlMs', negativeTtlMs, 0, 60_000),
    sessionsNeededMs,
    ttlMs: ttlMs === undefined ? unlimited : checks.integer('cache.ttlMs', ttlMs, 0, DAY_MS),
    maxTombstones: checks.integer(
      'revocationFeed.maxTombstones',
      feed?.maxTombstones ?? 100_000,
      1,
      10_000_000,
    ),
  });
}
