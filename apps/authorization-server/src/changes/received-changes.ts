import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@latchkey/platform/database';
import type { Logger } from 'pino';
import { LOGGER } from '../config/config.token.js';
import { parseChange, type Change } from './change.js';

export interface ChangeListener {
  /** In the order of the commits, this server's own included, and before whoever changed it has an answer. */
  changed(change: Change): void;
  /** Something may have been missed, or was not understood: whatever rests on having heard everything is void. */
  missed(): void;
  /** Every second: what was committed up to `now`, by the database's clock, has been told. */
  pulse?(now: number): void;
}

/** What any server of the installation changes, as this one is told of it. */
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

  /** While it is false, nothing may be remembered. */
  get inSync(): boolean {
    return this.database.notifications.inSync;
  }

  /** Milliseconds between two pulses. */
  get pulseInterval(): number {
    return this.database.notifications.interval;
  }

  /** Never behind the database's clock; see `Notifications.latestTime`. Only while it is in sync. */
  latestTime(): number {
    return this.database.notifications.latestTime();
  }

  /** @returns how to end it */
  subscribe(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #read(payload: string): void {
    const change = parseChange(payload);
    if (change === null) {
      this.logger.warn('heard of a change that this version does not understand');
      this.#each((listener) => listener.missed());
    } else this.#each((listener) => listener.changed(change));
  }

  #each(tell: (listener: ChangeListener) => void): void {
    for (const listener of [...this.#listeners]) {
      try {
        tell(listener);
      } catch (error) {
        this.logger.error({ err: error }, 'could not take note of a change');
      }
    }
  }
}
