import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { AccessToken } from '../claims/access-token.js';
import { RevocationFeed } from '../feed/revocation-feed.js';
import { HttpTokenIntrospector } from '../introspection/http-token-introspector.js';
import { TokenIntrospector } from '../options/token-introspector.js';
import { Refusal } from '../refusals/refusal.js';
import { JsonClient } from '../local/json-client.js';
import { JwksEndpoint } from '../local/jwks-endpoint.js';
import { JwtValidator } from '../local/jwt-validator.js';
import { maxSharedAgeMs, ResourceServerSettings } from '../options/resource-server-settings.js';
import { FreshnessStatus, newCounters } from '../feed/freshness-status.js';
import { MemoryStatus } from '../freshness/memory-status.js';
import { RememberingLookup } from '../freshness/remembering-lookup.js';
import { PlainLookup, TokenLookup } from '../introspection/token-lookup.js';
import { SETTLING_MS } from '../freshness/tombstones.js';
import { TokenMemory, type Freshness } from '../freshness/token-memory.js';

/** What without a feed is known of how fresh answers are: nothing but their own age. */
const BY_AGE: Freshness = Object.freeze({
  usableUntil: Infinity,
  liveUntil: -Infinity,
  serverTime: () => null,
});

/** The same look-ups for the application, which learns no reasons. */
class LookupIntrospector extends TokenIntrospector {
  constructor(private readonly lookup: TokenLookup) {
    super();
  }

  async introspect(token: string): Promise<AccessToken | null> {
    const verdict = await this.lookup.lookUp(token);
    return verdict instanceof Refusal ? null : verdict;
  }
}

/** Puts together how tokens are checked: asked about, remembered, validated here; and ends it with the application. */
@Injectable()
export class TokenChecks implements OnModuleInit, OnApplicationShutdown {
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
  #settling: NodeJS.Timeout | undefined;

  constructor(private readonly settings: ResourceServerSettings) {
    const { feed, local, memory } = settings.freshness;
    const source =
      settings.introspector === null
        ? new HttpTokenIntrospector(settings)
        : new PlainLookup(settings.introspector);
    this.#http = source instanceof HttpTokenIntrospector ? source : null;
    const freshness = (): Freshness => this.#feed ?? BY_AGE;
    this.#client = new JsonClient(settings.timeoutMs);
    this.#keys = local === null ? null : new JwksEndpoint(local, this.#client);
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
    this.status = new MemoryStatus(this.#feed, this.#memory, this.#counters);
    // What an application provides itself is left alone unless it asks for more.
    const isPlain = source instanceof PlainLookup && feed === null && memory.ttlMs === 0;
    this.lookup = isPlain ? source : this.#remember(source);
    this.introspector = new LookupIntrospector(this.lookup);
  }

  /** @param introspector what is provided under its class, by us or in our place */
  lookupFor(introspector: TokenIntrospector): TokenLookup {
    return introspector === this.introspector ? this.lookup : new PlainLookup(introspector);
  }

  onModuleInit(): void {
    const { revocationBoundMs } = this.settings;
    if (revocationBoundMs !== null) {
      this.#logger.log(
        `No token is accepted later than ${revocationBoundMs} ms after the authorization server has heard of its revocation`,
      );
    }
    this.#feed?.start();
  }

  async onApplicationShutdown(): Promise<void> {
    clearTimeout(this.#settling);
    await this.#feed?.stop();
    await this.#client.close();
    await this.#http?.close();
  }

  /** Once more when every server of the installation must have heard of what may have happened to the keys. */
  #forgetKeys(): void {
    this.#keys?.forget();
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.#keys?.forget(), SETTLING_MS).unref();
  }

  #remember(source: Pick<TokenLookup, 'lookUp'>): RememberingLookup {
    const { freshness, clockToleranceMs } = this.settings;
    const { local } = freshness;
    const keys = this.#keys;
    const clock = (): number => Math.max(Date.now(), this.#feed?.serverTime() ?? 0);
    return new RememberingLookup(
      source,
      keys === null || local === null
        ? null
        : new JwtValidator(keys, local.algorithms, this.settings, clock, clockToleranceMs),
      this.#memory,
      this.#counters,
      maxSharedAgeMs(this.settings),
    );
  }
}
