import type * as Jose from 'jose';
import type { JWTVerifyGetKey } from 'jose';
import { fetch, Pool } from 'undici';

/** Far more than any server has keys; bytes. */
const MAX_RESPONSE_BYTES = 128 * 1024;

type FetchOptions = Parameters<Jose.FetchImplementation>[1];

let loading: Promise<typeof Jose> | undefined;

/**
 * Has ES modules only, which Jest cannot load for tests in CommonJS: so it is loaded when the first token is validated here, and
 * only where tokens are.
 */
export function loadJose(): Promise<typeof Jose> {
  return (loading ??= import('jose'));
}

export interface JwksSettings {
  readonly uri: string;
  readonly timeoutMs: number;
  /** How long keys are used until they are fetched again, in milliseconds. */
  readonly maxAgeMs: number;
  /** How long after one fetch there is no other one, whatever tokens name, in milliseconds. */
  readonly cooldownMs: number;
}

/** The keys could not be had. Nothing is known about the token. */
export class KeysUnavailableError extends Error {
  override readonly name = 'KeysUnavailableError';
}

/**
 * The authorization server's public keys (RFC 7517), by jose. Fetched when they are needed, one fetch at a time and never two
 * within the cool-down, failed ones included, so that tokens with invented key names do not become requests.
 */
export class JwksEndpoint {
  readonly #pool: Pool;
  readonly #url: URL;
  #keys: JWTVerifyGetKey | null = null;
  #triedAt = -Infinity;
  #fetches = 0;

  constructor(private readonly settings: JwksSettings) {
    this.#url = new URL(settings.uri);
    this.#pool = new Pool(this.#url.origin, {
      connections: 1,
      maxResponseSize: MAX_RESPONSE_BYTES,
      connect: { timeout: settings.timeoutMs },
    });
  }

  get fetches(): number {
    return this.#fetches;
  }

  /**
   * Finds the key that a token names.
   *
   * @throws KeysUnavailableError when there are no keys, or none of that name and it is too early to look again
   */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    const jose = await loadJose();
    const keys = (this.#keys ??= this.#remoteKeys(jose));
    try {
      const key = await keys(header, token);
      if (keys === this.#keys) return key;
    } catch (cause) {
      throw new KeysUnavailableError('the key cannot be had', { cause });
    }
    throw new KeysUnavailableError('the keys may be others since they were asked for');
  };

  /** Something may have happened to the keys: they are fetched again before they are used. */
  forget(): void {
    this.#keys = null;
    this.#triedAt = -Infinity;
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  #remoteKeys({ createRemoteJWKSet, customFetch }: typeof Jose): JWTVerifyGetKey {
    return createRemoteJWKSet(this.#url, {
      timeoutDuration: this.settings.timeoutMs,
      cacheMaxAge: this.settings.maxAgeMs,
      // What a cache in between has kept may list keys that were revoked since.
      headers: { 'cache-control': 'no-cache' },
      // Instead of jose's own cool-down, which counts from the last fetch that succeeded.
      cooldownDuration: 0,
      [customFetch]: (url: string, options: FetchOptions) => this.#fetch(url, options),
    });
  }

  async #fetch(url: string, options: FetchOptions): Promise<Response> {
    if (performance.now() - this.#triedAt < this.settings.cooldownMs)
      throw new KeysUnavailableError('it is too early to fetch the keys again');
    this.#triedAt = performance.now();
    this.#fetches++;
    const { method, redirect, signal, headers } = options;
    const request = { method, redirect, signal, headers: [...headers], dispatcher: this.#pool };
    // undici's own types for what the global `fetch` returns too.
    return await fetch(url, request);
  }
}
