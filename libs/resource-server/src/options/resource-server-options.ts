import type { AccessToken } from '../claims/access-token.js';
import type { ClaimOptions, IssuerOptions, IssuerResolver, JwksOptions } from './issuer-options.js';
import type { RequestOf } from '../request/context-requests.js';
import type { GuardObserver } from '../observability/guard-observer.js';
import type { TokenIntrospector } from './token-introspector.js';

/** How to reach the authorization server, and what a token must say to be accepted. */
export interface ResourceServerOptions {
  /**
   * The authorization server's token introspection endpoint (RFC 7662). Required unless there is an `introspector`, or tokens are
   * validated here without a feed.
   */
  introspectionEndpoint?: string;
  /** This resource server's own credentials at the authorization server. Required to ask it anything. */
  clientId?: string;
  clientSecret?: string;
  /** Another way of asking, in place of an endpoint. */
  introspector?: TokenIntrospector;
  /** The `iss` that every token must have, compared character by character. Required unless there are `issuers`. */
  issuer?: string;
  /** Who this API is: one of the token's `aud` values must equal it, or one of several. */
  audience: string | readonly string[];
  /**
   * More issuers, whose JWTs are validated here by their keys: a list, or a function that finds one by the `iss` of a token, for
   * tenants. Nothing is ever fetched from an issuer that is not among them. A token that is revoked there is accepted until
   * it expires.
   */
  issuers?: readonly IssuerOptions[] | IssuerResolver;
  /** What challenges name as protection space (RFC 9110 section 11.5). Default: the audience, or the first. */
  realm?: string;
  /**
   * How long one introspection may take in all, in milliseconds, and never longer than `revocationFeed.maxStalenessMs`.
   * Default 2,000.
   */
  timeoutMs?: number;
  /** Connections that introspection keeps open at most. Default 64. */
  maxConnections?: number;
  circuitBreaker?: CircuitBreakerOptions;
  /**
   * Where Latchkey tells of revocations. With it answers are remembered, and forgotten when something happens to their
   * tokens. Without it every request asks, unless `cache.ttlMs` says otherwise.
   */
  revocationFeed?: RevocationFeedOptions;
  cache?: CacheOptions;
  /**
   * `introspection`, the default, asks about each token once. `local` checks the signature of JWT access tokens here. With a
   * `revocationFeed` it asks about other tokens, and while the feed is not live. Without one, a revoked token is accepted until
   * it expires, and other tokens are asked about where there is an `introspectionEndpoint`, else refused.
   */
  validation?: 'introspection' | 'local';
  jwks?: JwksOptions;
  /**
   * How far the clocks of this host and of the authorization server may differ, in whole seconds: for so long a JWT that is
   * validated here is accepted before its `nbf` and after its `exp`. With a feed, which tells the server's time, the log warns
   * when they differ by more. Default 5, at most 30.
   */
  clockTolerance?: number;
  claims?: ClaimOptions;
  /**
   * Says where the token is of calls that do not come by HTTP, where the built-in places do not fit: returns a request with the
   * token in `headers.authorization`, or nothing where the built-in place is right. At the handshake of a socket the first argument
   * of the context is the socket of socket.io, or the request of ws.
   */
  requestOf?: RequestOf;
  /**
   * Fills `request.user` for code that expects it there: `true` with the token, a function with what it returns for the token.
   * It must answer at once. Default: `request.user` is left alone, as it always is on public routes.
   */
  requestUser?: boolean | ((token: AccessToken) => unknown);
  /**
   * Scopes for routes of controllers that cannot be decorated, as in `{ 'GET /reports/*': 'reports:read' }`. A key is a method,
   * or `*` for every method, and the template of routes as they are declared, with global prefix and version; `:name`
   * covers any one segment, `/*` at the end covers the path before it and everything below. A value is scopes with single
   * spaces between them, all of which are required, in addition to what decorators require. A rule that covers no route
   * stops the start.
   */
  scopeRules?: Readonly<Record<string, string>>;
  /** Are told of each decision of the guard, for metrics and traces: `prometheusObserver()`, `openTelemetryObserver()`, or one's own. */
  observers?: readonly GuardObserver[];
  /** Publishes protected resource metadata (RFC 9728), which challenges then point to. Absent: none. */
  resourceMetadata?: ResourceMetadataOptions;
}

/** When to leave an authorization server alone that does not answer. */
export interface CircuitBreakerOptions {
  /** Failures in a row that open the circuit. Default 5. */
  failureThreshold?: number;
  /** How long it stays open until one request tries again, in milliseconds. Default 2,000. */
  openMs?: number;
}

/** The authorization server's revocation feed, and how far it is trusted. */
export interface RevocationFeedOptions {
  /** `revocation_feed_endpoint` of the authorization server's metadata; asked with the same credentials as introspection. */
  endpoint: string;
  /** How long the feed may be silent or late until nothing is served from the cache, in milliseconds. Default 5,000. */
  maxStalenessMs?: number;
  /**
   * Revocations that are remembered at most, of sessions, owners and clients each. With more, every token is asked about
   * for a while. Default 100,000.
   */
  maxTombstones?: number;
}

/** What is remembered of tokens. */
export interface CacheOptions {
  /** Good tokens at most. Default 50,000. */
  maxEntries?: number;
  /** Tokens that are known not to be good, at most; they have a room of their own. Default 10,000. */
  maxNegativeEntries?: number;
  /**
   * How long a token is taken for not good without asking again, in milliseconds, with a feed or without. Default 2,000; 0
   * asks each time.
   */
  negativeTtlMs?: number;
  /**
   * How long an answer is used at most, in milliseconds. With a feed there is no limit by default. Without one the default
   * is 0, which remembers nothing; any more is how long a revoked token may still be accepted.
   */
  ttlMs?: number;
}

/** What the metadata of a protected resource says (RFC 9728 section 2). */
export interface ResourceMetadataOptions {
  /** The resource identifier: the https URL of the API. Its path is where the API begins; http is for the local host. */
  resource: string;
  /** Issuers that the API takes tokens from. Default: all that are known. */
  authorizationServers?: readonly string[];
  /** Default: all scopes that decorators and `scopeRules` name. */
  scopesSupported?: readonly string[];
  /** For people. */
  name?: string;
  /** URL of a page for developers. */
  documentation?: string;
  /** URL of a page about how clients may use the data. */
  policy?: string;
  /** URL of the terms of service. */
  termsOfService?: string;
}
