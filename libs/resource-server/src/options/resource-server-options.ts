import type { AccessToken } from '../claims/access-token.js';
import type { ClaimOptions, IssuerOptions, IssuerResolver, JwksOptions } from './issuer-options.js';
import type { RequestOf } from '../request/context-requests.js';
import type { GuardObserver } from '../observability/guard-observer.js';
import type { TokenIntrospector } from './token-introspector.js';

/** How to reach the authorization server, and what a token must contain to be accepted. */
export interface ResourceServerOptions {
  /**
   * The authorization server's token introspection endpoint (RFC 7662). Required unless there is an `introspector`, or
   * tokens are validated locally without a feed.
   */
  introspectionEndpoint?: string;
  /** This resource server's own credentials at the authorization server. Required for every request to it. */
  clientId?: string;
  clientSecret?: string;
  /** Replaces the introspection endpoint. */
  introspector?: TokenIntrospector;
  /** The `iss` that every token must have, compared character by character. Required unless there are `issuers`. */
  issuer?: string;
  /** The identifiers of this API: one of the token's `aud` values must equal one of them. */
  audience: string | readonly string[];
  /**
   * More issuers, whose JWTs are validated locally by their keys: a list, or a function that finds one by the `iss` of
   * a token, for tenants. Nothing is ever fetched from an issuer that is not among them. A token that is revoked there
   * is accepted until it expires.
   */
  issuers?: readonly IssuerOptions[] | IssuerResolver;
  /** The protection space in challenges (RFC 9110 section 11.5). Default: the audience, or the first one. */
  realm?: string;
  /**
   * Time limit of one introspection in total, in milliseconds; never longer than `revocationFeed.maxStalenessMs`.
   * Default 2,000.
   */
  timeoutMs?: number;
  /** Maximum number of open connections for introspection. Default 64. */
  maxConnections?: number;
  circuitBreaker?: CircuitBreakerOptions;
  /**
   * The revocation feed of Latchkey. With it, answers are cached until something happens to their tokens. Without it,
   * every request is introspected, unless `cache.ttlMs` says otherwise.
   */
  revocationFeed?: RevocationFeedOptions;
  cache?: CacheOptions;
  /**
   * `introspection`, the default, introspects each token once. `local` verifies the signature of JWT access tokens
   * locally. With a `revocationFeed`, it introspects other tokens, and all tokens while the feed is not live. Without
   * one, a revoked token is accepted until it expires, and other tokens are introspected if there is an
   * `introspectionEndpoint`, else refused.
   */
  validation?: 'introspection' | 'local';
  jwks?: JwksOptions;
  /**
   * Maximum difference between the clocks of this host and of the authorization server, in whole seconds. A JWT that is
   * validated locally is accepted for this time before its `nbf` and after its `exp`. With a feed, which contains the
   * server's time, the log warns when they differ by more. Default 5, at most 30.
   */
  clockTolerance?: number;
  claims?: ClaimOptions;
  /**
   * Finds the token of calls that do not come by HTTP, if the built-in places do not fit: returns a request with the
   * token in `headers.authorization`, or nothing to use the built-in place. At the handshake of a socket, the first
   * argument of the context is the socket of socket.io, or the request of ws.
   */
  requestOf?: RequestOf;
  /**
   * Sets `request.user` for code that expects it: `true` sets the token, a function sets its result for the token. The
   * function must be synchronous: a promise is answered with 500. Default: `request.user` is not changed, as always on public routes.
   */
  requestUser?: boolean | ((token: AccessToken) => unknown);
  /**
   * Scopes for routes of controllers that cannot be decorated, as in `{ 'GET /reports/*': 'reports:read' }`. A key is a
   * method, or `*` for every method, and the template of routes as declared, with global prefix and version; `:name`
   * covers any one segment, `/*` at the end covers the path before it and everything below. A value lists scopes
   * separated by single spaces, all of which are required, in addition to the requirements of decorators. A rule that
   * covers no route stops the start.
   */
  scopeRules?: Readonly<Record<string, string>>;
  /** Receive each decision, for metrics and traces: `prometheusObserver()`, `openTelemetryObserver()`, or your own. */
  observers?: readonly GuardObserver[];
  /** Publishes protected resource metadata (RFC 9728), to which challenges then refer. Absent: none. */
  resourceMetadata?: ResourceMetadataOptions;
}

/** When to stop sending requests to an authorization server that does not answer. */
export interface CircuitBreakerOptions {
  /** Failures in a row that open the circuit. Default 5. */
  failureThreshold?: number;
  /** How long it stays open before one request is sent as a probe, in milliseconds. Default 2,000. */
  openMs?: number;
}

/** The authorization server's revocation feed, and how far it is trusted. */
export interface RevocationFeedOptions {
  /** `revocation_feed_endpoint` of the authorization server's metadata; uses the same credentials as introspection. */
  endpoint: string;
  /** How long the feed may be silent or late before cached answers are not used, in milliseconds. Default 5,000. */
  maxStalenessMs?: number;
  /**
   * Maximum number of revocations in memory, of sessions, owners and clients each. Beyond it, every token is
   * introspected for a while. Default 100,000.
   */
  maxTombstones?: number;
}

/** The cache of tokens. */
export interface CacheOptions {
  /** Maximum number of valid tokens. Default 50,000. */
  maxEntries?: number;
  /** Maximum number of refused tokens, which have a cache of their own. Default 10,000. */
  maxNegativeEntries?: number;
  /**
   * How long a refused token is refused without another introspection, in milliseconds, with and without a feed.
   * Default 2,000; 0 introspects each time.
   */
  negativeTtlMs?: number;
  /**
   * Maximum time that an answer is used, in milliseconds. With a feed there is no limit by default. Without one the
   * default is 0, which caches nothing; with a higher value, a revoked token may still be accepted for this time.
   */
  ttlMs?: number;
}

/** The metadata of a protected resource (RFC 9728 section 2). */
export interface ResourceMetadataOptions {
  /** The resource identifier: the https URL of the API, including its base path; http is for the local host. */
  resource: string;
  /** Issuers whose tokens the API accepts. Default: all known ones. */
  authorizationServers?: readonly string[];
  /** Default: all scopes that decorators and `scopeRules` name. */
  scopesSupported?: readonly string[];
  /** The display name. */
  name?: string;
  /** URL of a page for developers. */
  documentation?: string;
  /** URL of a page about how clients may use the data. */
  policy?: string;
  /** URL of the terms of service. */
  termsOfService?: string;
}
