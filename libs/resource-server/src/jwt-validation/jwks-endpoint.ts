import type * as Jose from 'jose';
import type { JWTVerifyGetKey } from 'jose';
import { findKeys } from './issuer-metadata.js';
import type { JsonClient } from './json-client.js';

let loading: Promise<typeof Jose> | undefined;

/**
 * jose has ES modules only, which Jest cannot load for CommonJS tests. So it is loaded only when the first token is
 * validated locally.
 */
export function loadJose(): Promise<typeof Jose> {
  return (loading ??= import('jose'));
}

interface JwksSettings {
  /** `null`: as in the metadata of the issuer. */
  readonly uri: string | null;
  /** The location of the metadata; `null`: as in the specifications. */
  readonly metadataUri: string | null;
  /** How long keys are used before they are fetched again, in milliseconds. */
  readonly maxAgeMs: number;
  /** Minimum time between two fetches, whatever keys tokens name, in milliseconds. */
  readonly cooldownMs: number;
}

/** The keys could not be fetched. Nothing is known about the token. */
export class KeysUnavailableError extends Error {
  override readonly name = 'KeysUnavailableError';
}

/** A placeholder: `#fetch` determines the real URL. */
const ANY_URL = new URL('https://keys.invalid/');

/**
 * The authorization server's public keys (RFC 7517), by jose. They are fetched on demand, one fetch at a time and never
 * two within the cool-down, whether the first one failed or not, so that tokens with made-up key ids do not cause
 * requests.
 */
export class JwksEndpoint {
  #keys: JWTVerifyGetKey | null = null;
  #triedAt = -Infinity;

  constructor(
    private readonly issuer: string,
    private readonly settings: JwksSettings,
    private readonly client: JsonClient,
  ) {}

  /**
   * Finds the key that a token names.
   *
   * @throws KeysUnavailableError when the keys could not be fetched
   * @throws JOSEError when no key, or more than one, matches the token
   */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    const jose = await loadJose();
    const keys = (this.#keys ??= this.#create(jose));
    try {
      const key = await keys(header, token);
      if (keys === this.#keys) return key;
    } catch (error) {
      const { JWKSNoMatchingKey, JWKSMultipleMatchingKeys } = jose.errors;
      if (error instanceof JWKSNoMatchingKey || error instanceof JWKSMultipleMatchingKeys) throw error;
      throw new KeysUnavailableError(`the keys of ${this.issuer} cannot be had: ${(error as Error).message}`);
    }
    throw new KeysUnavailableError('the keys may be others since they were asked for');
  };

  /** The keys may have changed: they are fetched again before their next use. */
  forget(): void {
    this.#keys = null;
    this.#triedAt = -Infinity;
  }

  #create({ createRemoteJWKSet, customFetch }: typeof Jose): JWTVerifyGetKey {
    const { maxAgeMs, cooldownMs } = this.settings;
    return createRemoteJWKSet(ANY_URL, {
      cacheMaxAge: maxAgeMs,
      cooldownDuration: cooldownMs,
      [customFetch]: () => this.#fetch(),
    });
  }

  async #fetch(): Promise<Response> {
    const now = performance.now();
    // jose counts the cool-down from a successful fetch: a failing endpoint would be called for each token.
    if (now - this.#triedAt < this.settings.cooldownMs) {
      throw new KeysUnavailableError('it is too early to fetch them again');
    }
    this.#triedAt = now;
    // Read each time, because a server may move its keys.
    const uri = this.settings.uri ?? (await findKeys(this.issuer, this.settings.metadataUri, this.client));
    const { status, text } = await this.client.get(uri);
    if (status !== 200) throw new KeysUnavailableError(`their endpoint answered ${status}`);
    return new Response(text);
  }
}
