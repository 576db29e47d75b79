import type { LoginAlarmSettings } from '../config/authorization-server-config.js';
import { SlidingCount } from './sliding-count.js';

type AlarmScope = 'global' | 'client';

/** A failure rate that went above its threshold, or below it again. */
export interface Alarm {
  readonly scope: AlarmScope;
  /** `null` with the scope `global`. */
  readonly clientId: string | null;
  readonly failures: number;
}

/** Notified when an alarm begins and when it ends. */
interface AlarmListener {
  raised(alarm: Alarm): void;
  cleared(alarm: Alarm): void;
}

interface Watched {
  readonly scope: AlarmScope;
  readonly clientId: string | null;
  readonly count: SlidingCount;
  raised: boolean;
}

/**
 * The rates of failed logins, in total and per client. Only authenticated clients are counted, and clients without
 * logins are dropped, so there are never more counters than registered clients. It raises alarms and refuses no login:
 * otherwise an attacker could lock all others out by failing often enough.
 */
export class FailureRates {
  readonly #global: Watched;
  readonly #clients = new Map<string, Watched>();

  constructor(
    private readonly settings: LoginAlarmSettings,
    private readonly listener: AlarmListener,
  ) {
    this.#global = this.#watched('global', null);
  }

  /** @param now in milliseconds */
  failed(clientId: string, now: number): void {
    let client = this.#clients.get(clientId);
    if (client === undefined) {
      client = this.#watched('client', clientId);
      this.#clients.set(clientId, client);
    }
    for (const watched of [this.#global, client]) {
      watched.count.add(now);
      this.#judge(watched, now);
    }
  }

  /** Ends alarms whose rate is below the threshold, and drops clients without failures. */
  review(now: number): void {
    this.#judge(this.#global, now);
    for (const [clientId, watched] of this.#clients) {
      if (this.#judge(watched, now) === 0) this.#clients.delete(clientId);
    }
  }

  /** Number of active alarms of a kind. */
  raised(scope: AlarmScope): number {
    const watched = scope === 'global' ? [this.#global] : [...this.#clients.values()];
    return watched.filter(({ raised }) => raised).length;
  }

  /** Number of clients with counters. */
  get size(): number {
    return this.#clients.size;
  }

  #judge(watched: Watched, now: number): number {
    const { scope, clientId } = watched;
    const failures = watched.count.total(now);
    const raised = failures >= this.settings[scope];
    if (raised !== watched.raised) {
      watched.raised = raised;
      this.listener[raised ? 'raised' : 'cleared']({ scope, clientId, failures });
    }
    return failures;
  }

  #watched(scope: AlarmScope, clientId: string | null): Watched {
    return { scope, clientId, count: new SlidingCount(this.settings.window * 1000), raised: false };
  }
}
