export interface NotificationListener {
  /** A unit of work that notified has been committed, by this process or by another one; in the order of the commits. */
  notified(payload: string): void;

  /**
   * Everything that was committed up to `now` has been told. Every second.
   *
   * @param now milliseconds since the epoch by the database's clock
   */
  pulse?(now: number): void;

  /** From now on something may be missed: whatever rests on having heard everything is to be forgotten. */
  outOfSync?(): void;
}

/** How soon a server notices that it receives nothing any more. In milliseconds. */
export interface SyncTimes {
  /** Between two proofs that everything is heard. */
  readonly interval: number;
  /** How old the last proof may become. */
  readonly limit: number;
}

export const SYNC_TIMES: SyncTimes = { interval: 1000, limit: 2000 };

/** Tells listeners what units of work notify, and knows whether everything is heard. */
export abstract class Notifications {
  readonly #listeners = new Set<NotificationListener>();

  /**
   * Whether every notification that was committed earlier than the limit of the {@link SyncTimes} ago has been told.
   * While it is false, nothing that was read may be remembered.
   */
  abstract readonly inSync: boolean;

  /** Milliseconds between two pulses. */
  abstract readonly interval: number;

  /** Begins to hear. Resolves once it does, or once the first attempt has failed: further ones follow by themselves. */
  abstract start(): Promise<void>;

  abstract stop(): Promise<void>;

  /**
   * Milliseconds since the epoch: never behind the database's clock, and ahead of it by no more than a message to the
   * database takes. Only while it is in sync.
   */
  abstract latestTime(): number;

  /** @returns how to end it */
  subscribe(listener: NotificationListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  protected tell(event: 'notified', payload: string): void;
  protected tell(event: 'pulse', now: number): void;
  protected tell(event: 'outOfSync'): void;
  protected tell(event: keyof NotificationListener, value?: string | number): void {
    for (const listener of this.#listeners) {
      try {
        (listener[event] as ((value?: string | number) => void) | undefined)?.call(listener, value);
      } catch (error) {
        this.listenerFailed(error);
      }
    }
  }

  /** A listener must not fail; the others, and whoever committed, are not to suffer from it. */
  protected abstract listenerFailed(error: unknown): void;
}
