import type { Database } from '@latchkey/platform/database';

type Event = 'notified' | 'pulse' | 'outOfSync';

/** Keeps what a database notifies, and lets a test wait for it. */
export class ReceivedNotifications {
  readonly received: string[] = [];
  readonly events: Event[] = [];
  readonly #waiting = new Set<(event: Event, value: string | number | undefined) => void>();

  constructor(database: Database) {
    database.notifications.subscribe({
      notified: (payload) => {
        this.received.push(payload);
        this.#tell('notified', payload);
      },
      pulse: (now) => this.#tell('pulse', now),
      outOfSync: () => this.#tell('outOfSync', undefined),
    });
  }

  /** The next event of this kind. */
  next(wanted: Event): Promise<string | number | undefined> {
    return new Promise((resolve) => {
      const listener = (event: Event, value: string | number | undefined): void => {
        if (event !== wanted) return;
        this.#waiting.delete(listener);
        resolve(value);
      };
      this.#waiting.add(listener);
    });
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await this.next('notified');
  }

  #tell(event: Event, value: string | number | undefined): void {
    this.events.push(event);
    for (const listener of this.#waiting) listener(event, value);
  }
}
