import { RefusalDelay } from '../../../apps/authorization-server/src/throttling/refusal-delay.js';
import { administrationBy, administrator, EVERYTHING, ROOT } from '../admin-api.js';
import { aClient, aConfiguration, API, aResourceServer, OTHER, SHOP } from '../builders.js';
import { stopClock } from '../clock.js';
import type { Dialect } from '../databases.js';
import type { Answer, Credentials } from '../http.js';
import { Servers } from '../servers.js';
import { forgetAll } from '../sessions.js';
import type { Stack } from '../stack.js';
import { LIMITS, STEP_SECONDS, type Through } from './state.js';

const ISSUER = 'https://login.example.com';

export const CLIENTS: Readonly<Record<Through, Credentials>> = { lenient: SHOP, strict: OTHER };

const COMMON = {
  scope: 'account resources:read',
  default_scope: 'account resources:read',
  audience: [ISSUER, API],
  access_token_ttl: LIMITS.accessToken,
  forwards_end_user_address: true,
};

const CONFIGURATION = aConfiguration({
  clients: [
    aClient(COMMON),
    aClient({
      ...COMMON,
      client_id: OTHER.clientId,
      client_secret: OTHER.secret,
      second_factor: 'required',
    }),
    aResourceServer(),
    administrator(ROOT, EVERYTHING, ISSUER),
  ],
});

/** Between the worlds of two users, in seconds. */
const PAUSE = 3600;

/** The servers over one database, with a clock that stands still until it is set. */
export class ModelServers {
  #turn = 0;
  /** Seconds since the epoch: never before the real time, and the latest that it ever was. */
  #now: number;
  #latest: number;

  private constructor(private readonly servers: Servers) {
    this.#now = this.#latest = Math.ceil(Date.now() / 1000 / STEP_SECONDS) * STEP_SECONDS;
    this.#prepare();
  }

  static async start(dialect: Dialect): Promise<ModelServers> {
    const servers = await Servers.start(dialect, {
      configuration: CONFIGURATION,
      environment: {
        THROTTLE_FREE_ATTEMPTS: String(LIMITS.freeAttempts),
        THROTTLE_BASE_DELAY: String(LIMITS.baseDelay),
        THROTTLE_MAX_DELAY: String(LIMITS.maxDelay),
      },
    });
    return new ModelServers(servers);
  }

  /** Each request goes to another server than the one before. */
  get next(): Stack {
    return this.servers.of(this.#turn++);
  }

  get now(): number {
    return this.#now;
  }

  /** @param seconds may be negative */
  pass(seconds: number): void {
    this.#now += seconds;
    this.#latest = Math.max(this.#latest, this.#now);
    this.#prepare();
  }

  /** A time that was never before. */
  goOn(): void {
    this.pass(this.#latest - this.#now + PAUSE);
  }

  async restartOne(): Promise<void> {
    await this.servers.restartOne(this.#turn++);
    this.#prepare();
  }

  /** A server that asks the database, also what it has in memory. What others have changed reaches memory a moment later. */
  get nextWithoutMemory(): Stack {
    this.servers.all.forEach(forgetAll);
    return this.next;
  }

  async administer(path: string): Promise<Answer> {
    const api = await administrationBy(this.nextWithoutMemory, ROOT, 'admin:users');
    return api.post(path);
  }

  stop(): Promise<void> {
    return this.servers.stop();
  }

  #prepare(): void {
    for (const stack of this.servers.all) {
      stopClock(stack, this.#now * 1000);
      // No time that a refusal takes is a matter of this model.
      stack.application.get(RefusalDelay).wait = () => Promise.resolve();
    }
  }
}
