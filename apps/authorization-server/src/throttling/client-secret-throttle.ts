import { Injectable } from '@nestjs/common';
import { growingTo } from '@latchkey/platform/caching';
import { networkOf } from '@latchkey/platform/http';
import { LRUCache } from 'lru-cache';
import { DataKeysService } from '../data-keys/data-keys.service.js';
import type { ThrottleSettings } from '../config/authorization-server-config.js';

const WINDOW_MS = 60_000;

/** The limit for one peer at all clients together, as a multiple of its limit at one client. */
const CLIENTS_PER_PEER = 10;

/** Above this the least recently used counters are dropped. The only effect is that an answer is not delayed. */
const MAX_COUNTERS = 10_000;

interface Counter {
  failures: number;
  readonly endsAt: number;
}

/**
 * Counts wrong client secrets per client and peer, and per peer, in the memory of this server. A right secret is never
 * refused, so secrets are compared before anything is counted. The throttle only limits how fast a peer learns that
 * secrets are wrong. Unknown client names are counted in the same way.
 *
 * The database is not used: client secrets are random, so guessing them needs no defence, and a flood of wrong secrets
 * must not become a flood of writes.
 */
@Injectable()
export class ClientSecretThrottle {
  readonly #counters = new LRUCache<string, Counter>(growingTo(MAX_COUNTERS));

  constructor(
    private readonly keys: DataKeysService,
    private readonly settings: Pick<ThrottleSettings, 'freeAttempts'>,
  ) {}

  /**
   * Counts a wrong secret.
   *
   * @returns whether there were too many recently, so the answer should be delayed
   */
  countFailure(clientId: string, address: string): boolean {
    const now = performance.now();
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
