import { Injectable } from '@nestjs/common';
import { networkOf } from '@latchkey/platform/http';
import { LRUCache } from 'lru-cache';
import { DataKeysService } from '../data-keys/data-keys.service.js';
import type { ThrottleSettings } from '../config/authorization-server-config.js';

const WINDOW_MS = 60_000;

/** Of one peer against all clients together, this many times as many as against one. */
const CLIENTS_PER_PEER = 10;

/** Beyond this the least recently used are forgotten, which costs an answer its delay and nothing else. */
const MAX_COUNTERS = 10_000;

interface Counter {
  failures: number;
  readonly endsAt: number;
}

/**
 * Counts wrong client secrets per client and peer, and per peer, in the memory of this server. A right secret is never
 * refused, so it is compared before anything is counted, and costs nothing here; what is throttled is how fast a peer
 * learns that secrets are wrong. It counts for names that no client has in the same way.
 *
 * No database: client secrets are random, so that the throttle is no defence against guessing them, and a flood of wrong
 * ones must not become a flood of writes.
 */
@Injectable()
export class ClientSecretThrottle {
  readonly #counters = new LRUCache<string, Counter>({ max: MAX_COUNTERS });

  constructor(
    private readonly keys: DataKeysService,
    private readonly settings: Pick<ThrottleSettings, 'freeAttempts'>,
  ) {}

  /**
   * Counts a wrong secret.
   *
   * @param now milliseconds, of any clock that does not go back
   * @returns whether there were too many of late, so that the answer should wait
   */
  countFailure(clientId: string, address: string, now = performance.now()): boolean {
    const peer = networkOf(address) ?? address;
    const { freeAttempts } = this.settings;
    const forClient = this.#count(JSON.stringify([peer, clientId]), now);
    const forPeer = this.#count(JSON.stringify([peer]), now);
    return forClient > freeAttempts || forPeer > freeAttempts * CLIENTS_PER_PEER;
  }

  #count(what: string, now: number): number {
    const key = this.keys.digest('client secret throttle', what);
    const known = this.#counters.get(key);
    if (known !== undefined && known.endsAt > now) return ++known.failures;
    this.#counters.set(key, { failures: 1, endsAt: now + WINDOW_MS });
    return 1;
  }
}
