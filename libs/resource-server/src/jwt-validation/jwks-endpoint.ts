import type * as Jose from 'jose';
import type { JWTVerifyGetKey } from 'jose';
import { findKeys } from './issuer-metadata.js';
import type { JsonClient } from './json-client.js';

let loading: Promise<typeof Jose> | undefined;

/**
 * Has ES modules only, which Jest cannot load for tests in CommonJS: so it is loaded when the first token is validated here, and
 * only where tokens are.
 */
export function loadJose(): Promise<typeof Jose> {
  return (loading ??= import('jose'));
}

export interface JwksSettings {
  /** `null`: as the metadata of the issuer says. */
  readonly uri: string | null;
  /** Where that is; `null`: where the specifications say. */
  readonly metadataUri: string | null;
  /** How long keys are used until they are fetched again, in milliseconds. */
  readonly maxAgeMs: number;
  /** How long after one fetch there is no other one, whatever tokens name, in milliseconds. */
  readonly cooldownMs: number;
}

/** The keys could not be had. Nothing is known about the token. */
export class KeysUnavailableError extends Error {
  override readonly name = 'KeysUnavailableError';
}

/** jose fetches from wherever `#fetch` says. */
const ANY_URL = new URL('https://keys.invalid/');

/**
 * The authorization server's public keys (RFC 7517), by jose. Fetched when they are needed, one fetch at a time and never two
 * within the cool-down, whether it failed or not, so that tokens with invented key names do not become requests.
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
   * @throws KeysUnavailableError when there are no keys
   * @throws JOSEError when they are there, and none, or more than one, is what the token names
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

  /** Something may have happened to the keys: they are fetched again before they are used. */
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
    // jose counts from what it got: an endpoint that fails would be asked about each token.
    if (now - this.#triedAt < this.settings.cooldownMs) {
      throw new KeysUnavailableError('it is too early to fetch them again');
    }
    this.#triedAt = now;
    // Found anew each time: a server may move its keys.
    const uri = this.settings.uri ?? (await findKeys(this.issuer, this.settings.metadataUri, this.client));
    const { status, text } = await this.client.get(uri);
    if (status !== 200) throw new KeysUnavailableError(`their endpoint answered ${status}`);
    return new Response(text);
  }
}
