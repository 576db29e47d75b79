import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@latchkey/platform/database';
import type { Logger } from 'pino';
import { LOGGER } from '../config/config.token.js';
import { parseChange, type Change } from './change.js';

export interface ChangeListener {
  /** Called in the order of the commits, of this server too, and before the request of the change is answered. */
  changed(change: Change): void;
  /** A change may have been missed, or was not understood: state that depends on every change is invalid. */
  missed(): void;
  /** Called every second: all changes that were committed up to `now`, by the database's clock, have been delivered. */
  pulse?(now: number): void;
}

/** Delivers the changes that any server of the installation makes, including this one. */
@Injectable()
export class ReceivedChanges {
  readonly #listeners = new Set<ChangeListener>();

  constructor(
    private readonly database: Database,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    database.notifications.subscribe({
      notified: (payload) => this.#read(payload),
      outOfSync: () => this.#each((listener) => listener.missed()),
      pulse: (now) => this.#each((listener) => listener.pulse?.(now)),
    });
  }

  /** While this is false, nothing may be cached. */
  get inSync(): boolean {
    return this.database.notifications.inSync;
  }

  /** Milliseconds between two pulses. */
  get pulseInterval(): number {
    return this.database.notifications.times.interval;
  }

  /** A time that is never behind the database's clock; see `Notifications.latestTime`. Only valid while in sync. */
  latestTime(): number {
    return this.database.notifications.latestTime();
  }

  /** @returns a function that unsubscribes */
  subscribe(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #read(payload: string): void {
    const change = parseChange(payload);
    if (change === null) {
      this.logger.warn('received a change that this version does not understand');
      this.#each((listener) => listener.missed());
    } else this.#each((listener) => listener.changed(change));
  }

  #each(call: (listener: ChangeListener) => void): void {
    for (const listener of [...this.#listeners]) {
      try {
        call(listener);
      } catch (error) {
        this.logger.error({ err: error }, 'could not take note of a change');
      }
    }
  }
}
