import type { Logger } from 'pino';
import { Notifications } from './notifications.js';

/** For an SQLite database, which only this process writes: it delivers its own notifications. */
export class LocalNotifications extends Notifications {
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly logger: Logger) {
    super();
  }

  get inSync(): boolean {
    return this.#timer !== undefined;
  }

  async start(): Promise<void> {
    this.#timer ??= setInterval(() => this.emit('pulse', this.latestTime()), this.times.interval).unref();
  }

  async stop(): Promise<void> {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.emit('outOfSync');
  }

  /** SQLite uses the clock of this machine. */
  latestTime(): number {
    return Date.now();
  }

  /** Call it after the commit, and before the result of the transaction is returned. */
  committed(payloads: readonly string[]): void {
    for (const payload of payloads) this.emit('notified', payload);
  }

  protected listenerFailed(error: unknown): void {
    this.logger.error({ err: error }, 'a listener to notifications failed');
  }
}
