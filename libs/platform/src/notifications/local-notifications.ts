import type { Logger } from 'pino';
import { Notifications, type SyncTimes } from './notifications.js';

/** Of an SQLite database: one process writes, so it receives whatever it sends. */
export class LocalNotifications extends Notifications {
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly logger: Logger,
    private readonly times: SyncTimes,
  ) {
    super();
  }

  get interval(): number {
    return this.times.interval;
  }

  get inSync(): boolean {
    return this.#timer !== undefined;
  }

  async start(): Promise<void> {
    this.#timer ??= setInterval(() => this.tell('pulse', this.latestTime()), this.times.interval).unref();
  }

  async stop(): Promise<void> {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.tell('outOfSync');
  }

  /** SQLite's clock is the one of this machine. */
  latestTime(): number {
    return Date.now();
  }

  /** To be called after the commit, and before anybody else is told of it. */
  committed(payloads: readonly string[]): void {
    for (const payload of payloads) this.tell('notified', payload);
  }

  protected listenerFailed(error: unknown): void {
    this.logger.error({ err: error }, 'a listener to notifications failed');
  }
}
