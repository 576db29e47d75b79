import type * as Jose from 'jose';
import type { JSONWebKeySet, JWTVerifyGetKey } from 'jose';
import { Pool } from 'undici';

/** Far more than any server has keys; bytes. */
const MAX_RESPONSE_BYTES = 128 * 1024;

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
 * The authorization server's public keys (RFC 7517). Fetched when they are needed, one fetch at a time and never two
 * within the cool-down, so that tokens with invented key names do not become requests.
 */
export class JwksEndpoint {
  readonly #pool: Pool;
  readonly #path: string;
  #keys: JWTVerifyGetKey | null = null;
  #fetchedAt = -Infinity;
  #triedAt = -Infinity;
  #fetching: Promise<void> | null = null;
  #fetches = 0;
  /** Counts how often the keys were forgotten; a fetch from before does not bring them back. */
  #generation = 0;

  constructor(private readonly settings: JwksSettings) {
    const { origin, pathname, search } = new URL(settings.uri);
    this.#pool = new Pool(origin, {
      connections: 1,
      maxResponseSize: MAX_RESPONSE_BYTES,
      connect: { timeout: settings.timeoutMs },
    });
    this.#path = pathname + search;
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
    if (this.#keys === null || performance.now() - this.#fetchedAt > this.settings.maxAgeMs)
      await this.#refresh();
    const { errors } = await loadJose();
    try {
      return await this.#current(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
    }
    await this.#refresh();
    try {
      return await this.#current(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      throw new KeysUnavailableError('no such key');
    }
  };

  /** Something may have happened to the keys: they are fetched again before they are used. */
  forget(): void {
    this.#generation++;
    this.#keys = null;
    this.#fetching = null;
    this.#triedAt = -Infinity;
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  #current: JWTVerifyGetKey = (header, token) => {
    if (this.#keys === null) throw new KeysUnavailableError('the keys cannot be had');
    return this.#keys(header, token);
  };

  async #refresh(): Promise<void> {
    if (this.#fetching === null) {
      if (performance.now() - this.#triedAt < this.settings.cooldownMs)
        throw new KeysUnavailableError('it is too early to fetch the keys again');
      this.#triedAt = performance.now();
      const fetching = this.#fetch(this.#generation).finally(() => {
        if (this.#fetching === fetching) this.#fetching = null;
      });
      this.#fetching = fetching;
    }
    await this.#fetching;
  }

  async #fetch(generation: number): Promise<void> {
    const startedAt = performance.now();
    this.#fetches++;
    try {
      const { statusCode, body } = await this.#pool.request({
        method: 'GET',
        path: this.#path,
        // What a cache in between has kept may list keys that were revoked since.
        headers: { accept: 'application/json', 'cache-control': 'no-cache' },
        signal: AbortSignal.timeout(this.settings.timeoutMs),
      });
      const text = await body.text();
      if (statusCode !== 200) throw new KeysUnavailableError(`the key endpoint answered ${statusCode}`);
      const { createLocalJWKSet } = await loadJose();
      const keys = createLocalJWKSet(JSON.parse(text) as JSONWebKeySet);
      if (generation !== this.#generation) return;
      this.#keys = keys;
      this.#fetchedAt = startedAt;
    } catch (error) {
      // Keys that are too old are not used on, even when there are no others.
      if (performance.now() - this.#fetchedAt > this.settings.maxAgeMs) this.#keys = null;
      throw error instanceof KeysUnavailableError
        ? error
        : new KeysUnavailableError('the keys cannot be fetched');
    }
  }
}
