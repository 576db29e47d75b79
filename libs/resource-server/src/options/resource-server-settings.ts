import type { ChallengeContext } from '../refusals/bearer-error.js';
import type { AccessToken } from '../claims/access-token.js';
import type { GuardObserver } from '../observability/guard-observer.js';
import type { ClaimSettings } from '../claims/access-token-claims.js';
import type { RequestOf } from '../request/context-requests.js';
import type { TokenIntrospector } from './token-introspector.js';
import { readClaimSettings } from './claim-settings.js';
import { readIssuers, type IssuersSettings } from './issuer-settings.js';
import { readFreshness, type FreshnessSettings } from './freshness-settings.js';
import { OptionChecks } from './option-checks.js';
import { readCircuitBreaker, type CircuitBreakerSettings } from './circuit-breaker-settings.js';
import { readResourceMetadata, type ResourceMetadataSettings } from './resource-metadata-settings.js';
import { readScopeRules } from './scope-rule-settings.js';
import type { ScopeRule } from '../scope-rules/scope-rule.js';
import type { ResourceServerOptions } from './resource-server-options.js';

/** Visible ASCII and space without `"` and `\`: fits unescaped into a quoted string of a challenge. */
const QUOTABLE = /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/;

/**
 * Maximum age of a look-up that another request shares, and of an answer that is used after a wait: half of the allowed
 * age of an answer, so that both together do not exceed it.
 */
export function maxSharedAgeMs({ maxAnswerAgeMs }: Pick<ResourceServerSettings, 'maxAnswerAgeMs'>): number {
  return maxAnswerAgeMs / 2;
}

function readRequestUser(option: unknown, checks: OptionChecks): ((token: AccessToken) => unknown) | null {
  const isUsable = option === undefined || typeof option === 'boolean' || typeof option === 'function';
  checks.check(isUsable, 'requestUser must be true, false or a function');
  if (typeof option === 'function')
    return (token) => synchronous((option as (token: AccessToken) => unknown)(token));
  return option === true ? (token) => token : null;
}

function synchronous(user: unknown): unknown {
  if (!(user instanceof Promise)) return user;
  // An unhandled rejection would end the process.
  user.catch(() => undefined);
  throw new TypeError('requestUser must not return a promise');
}

/** The options, checked and with their defaults. */
export class ResourceServerSettings {
  readonly introspector: TokenIntrospector | null;
  /** Empty, like the credentials, if an introspector replaces it. */
  readonly introspectionEndpoint: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The issuer of the server that is introspected; empty without one. */
  readonly issuer: string;
  readonly audience: readonly string[];
  /** The issuers whose tokens are validated by keys only. */
  readonly issuers: IssuersSettings;
  readonly realm: string;
  readonly timeoutMs: number;
  /** Maximum age of an answer when it is used, from the start of its look-up, in milliseconds. */
  readonly maxAnswerAgeMs: number;
  /**
   * How long a token may still be accepted after a replica of the authorization server has received its revocation, in
   * milliseconds; `null` if an introspector of the application determines the age of answers.
   */
  readonly revocationBoundMs: number | null;
  /** Tolerance for clocks when a token is validated locally, in milliseconds. */
  readonly clockToleranceMs: number;
  readonly maxConnections: number;
  readonly circuitBreaker: CircuitBreakerSettings;
  readonly claims: ClaimSettings;
  /** Computes `request.user`; `null`: it is not changed. */
  readonly requestUser: ((token: AccessToken) => unknown) | null;
  readonly freshness: FreshnessSettings;
  readonly requestOf: RequestOf | null;
  readonly scopeRules: readonly ScopeRule[];
  readonly observers: readonly GuardObserver[];
  readonly resourceMetadata: ResourceMetadataSettings | null;
  /** The common part of every challenge (RFC 6750 section 3, RFC 9728 section 5.1). */
  readonly challenge: ChallengeContext;

  /** @throws TypeError naming every wrong option, never a value */
  constructor(options: ResourceServerOptions | undefined) {
    if (typeof options !== 'object' || options === null) {
      throw new TypeError(
        'ResourceServerModule has no options: import it once, as ResourceServerModule.register({ ... }) or registerAsync({ ... }). Other modules need not import it',
      );
    }
    const checks = new OptionChecks();
    checks.check(!('isGlobal' in options), 'isGlobal belongs beside useFactory, not into what it returns');
    const { subjectPrefix = '' } = options as { subjectPrefix?: string };
    checks.check(subjectPrefix === '', 'subjectPrefix is for issuers: put the preset into the list issuers');
    this.introspector = options.introspector ?? null;
    this.introspectionEndpoint = options.introspectionEndpoint ?? '';
    this.clientId = options.clientId ?? '';
    this.clientSecret = options.clientSecret ?? '';
    this.issuer = options.issuer ?? '';
    this.audience = Object.freeze([options.audience].flat());
    this.realm = options.realm ?? this.audience[0] ?? '';
    this.issuers = readIssuers(options, checks);
    this.#checkRequired(checks);
    this.timeoutMs = checks.integer('timeoutMs', options.timeoutMs ?? 2000, 1, 60_000);
    this.clockToleranceMs = 1000 * checks.integer('clockTolerance', options.clockTolerance ?? 5, 0, 30);
    this.maxConnections = checks.integer('maxConnections', options.maxConnections ?? 64, 1, 1024);
    this.circuitBreaker = readCircuitBreaker(options.circuitBreaker, checks);
    this.claims = readClaimSettings(options.claims, checks);
    this.requestUser = readRequestUser(options.requestUser, checks);
    this.freshness = readFreshness(options, checks);
    this.maxAnswerAgeMs = Math.min(this.timeoutMs, this.freshness.feed?.maxStalenessMs ?? Infinity);
    this.revocationBoundMs = this.#revocationBound();
    checks.check(
      options.requestOf === undefined || typeof options.requestOf === 'function',
      'requestOf must be a function',
    );
    this.requestOf = options.requestOf ?? null;
    this.observers = Object.freeze([...(options.observers ?? [])]);
    checks.check(
      this.observers.every((observer) => typeof observer.decided === 'function'),
      'observers must have a method decided',
    );
    this.scopeRules = readScopeRules(options.scopeRules, checks);
    this.resourceMetadata = readResourceMetadata(options.resourceMetadata, this.#allIssuers(), checks);
    this.challenge = Object.freeze({
      realm: this.realm,
      resourceMetadata: this.resourceMetadata?.url.href ?? null,
    });
    checks.assertNone();
    Object.freeze(this);
  }

  /** Whether tokens can be introspected. */
  get isAsking(): boolean {
    return this.introspector !== null || this.introspectionEndpoint !== '';
  }

  #allIssuers(): string[] {
    const known = this.issuers.known.map(({ issuer }) => issuer);
    return known.includes(this.issuer) || this.issuer === '' ? known : [this.issuer, ...known];
  }

  #revocationBound(): number | null {
    const { feed, memory } = this.freshness;
    if (!this.isAsking) return null;
    if (feed !== null) return Math.min(feed.maxStalenessMs, memory.ttlMs + this.maxAnswerAgeMs);
    return this.introspector === null ? memory.ttlMs + this.maxAnswerAgeMs : null;
  }

  #checkRequired(checks: OptionChecks): void {
    const { known, resolve } = this.issuers;
    const isForeign = this.issuer === '' || known.some(({ issuer }) => issuer === this.issuer);
    const isKeysAlone = !this.isAsking && isForeign && (known.length > 0 || resolve !== null);
    if (!isKeysAlone) checks.text('issuer', this.issuer);
    if (this.introspector === null && !isKeysAlone) {
      checks.text('clientId', this.clientId);
      checks.text('clientSecret', this.clientSecret);
      checks.endpoint('introspectionEndpoint', this.introspectionEndpoint);
    }
    checks.texts('audience', this.audience);
    checks.check(
      QUOTABLE.test(this.realm),
      'realm (or else audience) must be visible ASCII without double quote and backslash',
    );
  }
}
