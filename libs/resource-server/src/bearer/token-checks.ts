import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { AccessToken } from '../claims/access-token.js';
import { RevocationFeed } from '../feed/revocation-feed.js';
import type { CircuitState } from '../introspection/circuit-breaker.js';
import { HttpTokenIntrospector } from '../introspection/http-token-introspector.js';
import { TokenIntrospector } from '../options/token-introspector.js';
import { Refusal } from '../refusals/refusal.js';
import { JsonClient } from '../jwt-validation/json-client.js';
import { JwksEndpoint } from '../jwt-validation/jwks-endpoint.js';
import { IssuerLookup } from '../jwt-validation/issuer-lookup.js';
import { TrustedIssuers } from '../jwt-validation/trusted-issuers.js';
import { JwtValidator } from '../jwt-validation/jwt-validator.js';
import { maxSharedAgeMs, ResourceServerSettings } from '../options/resource-server-settings.js';
import { FreshnessStatus, newCounters } from '../feed/freshness-status.js';
import { MemoryStatus } from '../freshness/memory-status.js';
import { RememberingLookup } from '../freshness/remembering-lookup.js';
import { PlainLookup, TokenLookup } from '../introspection/token-lookup.js';
import { SETTLING_MS } from '../freshness/tombstones.js';
import { TokenMemory, type Freshness } from '../freshness/token-memory.js';

/** Without a feed, only the age of an answer limits its use. */
const BY_AGE: Freshness = Object.freeze({
  usableUntil: Infinity,
  liveUntil: -Infinity,
  serverTime: () => null,
});

/** How long a valid signature is not verified again, in milliseconds. A withdrawn key is still used for this time. */
const VALIDATED_FOR_MS = 60_000;

/** The same look-ups for the application, without reasons of refusals. */
class LookupIntrospector extends TokenIntrospector {
  constructor(private readonly lookup: TokenLookup) {
    super();
  }

  async introspect(token: string): Promise<AccessToken | null> {
    const verdict = await this.lookup.lookUp(token);
    return verdict instanceof Refusal ? null : verdict;
  }
}

/** Combines introspection, cache and local validation of tokens, and closes them with the application. */
@Injectable()
export class TokenChecks implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly lookup: TokenLookup;
  readonly introspector: TokenIntrospector;
  readonly #logger = new Logger('ResourceServer');
  readonly status: FreshnessStatus;
  readonly #http: HttpTokenIntrospector | null;
  readonly #feed: RevocationFeed | null;
  readonly #client: JsonClient;
  readonly #keys: JwksEndpoint | null;
  readonly #counters = newCounters();
  readonly #memory: TokenMemory;
  /** An introspector of the application replaces ours, so our feed is not started. */
  #isReplaced = false;
  #settling: NodeJS.Timeout | undefined;

  constructor(private readonly settings: ResourceServerSettings) {
    const { feed, local, memory } = settings.freshness;
    const freshness = (): Freshness => this.#feed ?? BY_AGE;
    this.#client = new JsonClient(settings.timeoutMs);
    this.#keys = local === null ? null : new JwksEndpoint(settings.issuer, local, this.#client);
    this.#memory = new TokenMemory(
      memory,
      feed === null ? 'none' : 'by-feed',
      this.#counters,
      freshness,
      () => this.#forgetKeys(),
    );
    this.#feed =
      feed === null
        ? null
        : new RevocationFeed(
            { ...settings, url: feed.endpoint, maxStalenessMs: feed.maxStalenessMs },
            this.#memory,
            this.#counters,
          );
    this.#http =
      settings.introspector === null && settings.isAsking ? new HttpTokenIntrospector(settings) : null;
    const { lookup, memories } = this.#lookups();
    this.lookup = lookup;
    this.status = new MemoryStatus(this.#feed, memories, this.#counters);
    this.introspector = new LookupIntrospector(this.lookup);
  }

  /** `null` if there is no introspection endpoint. */
  get circuit(): CircuitState | null {
    return this.#http?.circuit ?? null;
  }

  /** @param introspector the provider of its class, which may be ours or the application's */
  lookupFor(introspector: TokenIntrospector): TokenLookup {
    if (introspector === this.introspector) return this.lookup;
    this.#isReplaced = true;
    return new PlainLookup(introspector);
  }

  /** After all checks of the start: a feed would keep the process of an application alive that does not start. */
  onApplicationBootstrap(): void {
    if (this.#isReplaced) return;
    const { revocationBoundMs, issuer, issuers } = this.settings;
    const isAlone = issuers.known.length === 0 && issuers.resolve === null;
    if (revocationBoundMs !== null) {
      this.#logger.log(
        `No token${isAlone ? '' : ` of ${issuer}`} is accepted later than ${revocationBoundMs} ms after the authorization server has received its revocation`,
      );
    }
    for (const known of issuers.known) this.#logForeign(`Tokens of ${known.issuer}`);
    if (issuers.resolve !== null) this.#logForeign('Tokens of issuers that the application finds');
    this.#feed?.start();
  }

  async onApplicationShutdown(): Promise<void> {
    clearTimeout(this.#settling);
    await this.#feed?.stop();
    await this.#client.close();
    await this.#http?.close();
  }

  /** Forgets the keys now, and again when every server of the installation must have received the change. */
  #forgetKeys(): void {
    this.#keys?.forget();
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.#keys?.forget(), SETTLING_MS).unref();
  }

  #logForeign(whose: string): void {
    this.#logger.log(
      `${whose} are validated by their signature alone: a revoked one is accepted until it expires`,
    );
  }

  #lookups(): { lookup: TokenLookup; memories: TokenMemory[] } {
    const { settings } = this;
    const { issuers, freshness } = settings;
    const server = this.#serverLookup();
    const hasOthers = issuers.known.length > 0 || issuers.resolve !== null;
    if (server !== null && !hasOthers) return { lookup: server, memories: [this.#memory] };
    const trusted = new TrustedIssuers(issuers, this.#client, settings.clockToleranceMs);
    const memory = new TokenMemory(
      { ...freshness.memory, ttlMs: VALIDATED_FOR_MS },
      'none',
      this.#counters,
      () => BY_AGE,
    );
    const others = new RememberingLookup(
      trusted,
      null,
      memory,
      this.#counters,
      maxSharedAgeMs(settings),
      'validations',
    );
    if (server === null) return { lookup: others, memories: [memory] };
    const isValidated = issuers.known.some(({ issuer }) => issuer === settings.issuer);
    const lookup = new IssuerLookup(server, isValidated ? null : settings.issuer, others);
    return { lookup, memories: [this.#memory, memory] };
  }

  #serverLookup(): TokenLookup | null {
    const { introspector, freshness } = this.settings;
    const source = introspector === null ? this.#http : new PlainLookup(introspector);
    if (source === null) return null;
    const isPlain = source instanceof PlainLookup && this.#feed === null && freshness.memory.ttlMs === 0;
    // An introspector of the application is used without a cache, unless the options configure one.
    if (isPlain) return source;
    return new RememberingLookup(
      source,
      this.#validator(),
      this.#memory,
      this.#counters,
      maxSharedAgeMs(this.settings),
    );
  }

  #validator(): JwtValidator | null {
    const { freshness, clockToleranceMs, issuer, audience, claims } = this.settings;
    if (this.#keys === null || freshness.local === null) return null;
    const expected = { issuer, audience, claims };
    const rules = { ...freshness.local, expected, clockToleranceMs, isAsked: true };
    const clock = (): number => Math.max(Date.now(), this.#feed?.serverTime() ?? 0);
    return new JwtValidator(this.#keys, rules, clock);
  }
}
