import { LRUCache } from 'lru-cache';
import { IntrospectionUnavailableError } from '../introspection/introspection-unavailable.error.js';
import type { TokenLookup, Verdict } from '../introspection/token-lookup.js';
import { OptionChecks } from '../options/option-checks.js';
import {
  assertPrefix,
  readIssuer,
  type IssuerSettings,
  type IssuersSettings,
} from '../options/issuer-settings.js';
import { Refusal } from '../refusals/refusal.js';
import type { JsonClient } from './json-client.js';
import { JwksEndpoint, KeysUnavailableError } from './jwks-endpoint.js';
import { JwtValidator } from './jwt-validator.js';

/** More tenants than normally use one process at the same time. */
const MAX_FOUND = 1000;

/** For untrusted issuers: size and lifetime of the cache, and maximum length of a name that is looked up. */
const MAX_UNKNOWN = 10_000;
const UNKNOWN_MS = 5000;
const MAX_ISSUER_LENGTH = 512;

/**
 * Validates JWTs of several issuers, each by its own keys and rules. The `iss` of a token only selects one of the
 * issuers that the application trusts. The validator of that issuer then requires this `iss`.
 */
export class TrustedIssuers implements Pick<TokenLookup, 'lookUp'> {
  readonly #known: ReadonlyMap<string, JwtValidator>;
  /** From the resolver. Unknown issuers have a cache of their own, so that made-up names evict no tenant. */
  readonly #found = new LRUCache<string, JwtValidator>({ max: MAX_FOUND });
  readonly #unknown = new LRUCache<string, true>({ max: MAX_UNKNOWN, ttl: UNKNOWN_MS });
  readonly #searches = new Map<string, Promise<JwtValidator | null>>();

  constructor(
    private readonly settings: IssuersSettings,
    private readonly client: JsonClient,
    private readonly clockToleranceMs: number,
  ) {
    this.#known = new Map(settings.known.map((issuer) => [issuer.issuer, this.#validator(issuer)]));
  }

  /** @throws IntrospectionUnavailableError when the keys or the issuer could not be found out */
  async lookUp(token: string): Promise<Verdict> {
    const issuer = claimedIssuer(token);
    if (issuer === null) return new Refusal('token_type', { expected: 'a JWT', found: 'another token' });
    const validator = await this.#find(issuer);
    if (validator === null) {
      const expected = [...this.#known.keys()];
      return new Refusal('issuer', { ...(expected.length > 0 && { expected }), found: issuer });
    }
    try {
      const verdict = await validator.validate(token);
      return verdict === 'undecided' ? new Refusal('malformed') : verdict;
    } catch (error) {
      if (!(error instanceof KeysUnavailableError)) throw error;
      throw new IntrospectionUnavailableError(error.message);
    }
  }

  #find(issuer: string): JwtValidator | null | Promise<JwtValidator | null> {
    const known = this.#known.get(issuer) ?? this.#found.get(issuer);
    if (known !== undefined) return known;
    if (this.settings.resolve === null || issuer.length > MAX_ISSUER_LENGTH || this.#unknown.has(issuer))
      return null;
    const current = this.#searches.get(issuer);
    if (current !== undefined) return current;
    const search = this.#search(issuer).finally(() => this.#searches.delete(issuer));
    this.#searches.set(issuer, search);
    return search;
  }

  async #search(issuer: string): Promise<JwtValidator | null> {
    const settings = await this.#resolve(issuer);
    if (settings === null) {
      this.#unknown.set(issuer, true);
      return null;
    }
    const validator = this.#validator(settings);
    this.#found.set(issuer, validator, { ttl: settings.local.maxAgeMs });
    return validator;
  }

  async #resolve(issuer: string): Promise<IssuerSettings | null> {
    try {
      const options = await this.settings.resolve?.(issuer);
      if (options === undefined || options === null) return null;
      const checks = new OptionChecks();
      checks.check(options.issuer === issuer, 'issuers must answer with the issuer that it was asked for');
      assertPrefix(options, checks);
      const settings = readIssuer(options, this.settings.audience, checks);
      checks.assertNone();
      return settings;
    } catch (error) {
      throw new IntrospectionUnavailableError(
        `the issuer of a token cannot be looked up: ${(error as Error).message}`,
      );
    }
  }

  #validator({ issuer, audience, claims, local }: IssuerSettings): JwtValidator {
    const rules = {
      ...local,
      expected: { issuer, audience, claims },
      clockToleranceMs: this.clockToleranceMs,
      isAsked: false,
    };
    return new JwtValidator(new JwksEndpoint(issuer, local, this.client), rules, () => Date.now());
  }
}

/** The `iss`, which is not verified yet. @returns `null` for a text that is no JWT, or has no `iss` */
export function claimedIssuer(token: string): string | null {
  const [, payload, signature] = token.split('.', 3);
  if (payload === undefined || signature === undefined) return null;
  try {
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { iss?: unknown } | null;
    return typeof claims?.iss === 'string' ? claims.iss : null;
  } catch {
    return null;
  }
}
