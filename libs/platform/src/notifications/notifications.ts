interface NotificationListener {
  /** A transaction with it was committed, by any process. Called in the order of the commits. */
  notified(payload: string): void;

  /**
   * All notifications that were committed up to `now` have been delivered. Called every second.
   *
   * @param now milliseconds since the epoch by the database's clock
   */
  pulse?(now: number): void;

  /** From now on notifications may be missed: discard all state that depends on receiving every one of them. */
  outOfSync?(): void;
}

/** How soon a server notices that it no longer receives notifications. In milliseconds. */
interface SyncTimes {
  /** Between two proofs that notifications are received. */
  readonly interval: number;
  /** Maximum age of the last proof. */
  readonly limit: number;
}

/** Delivers the notifications of transactions to listeners, and knows whether all of them are received. */
export abstract class Notifications {
  readonly times: SyncTimes = { interval: 1000, limit: 2000 };
  readonly #listeners = new Set<NotificationListener>();

  /**
   * Whether every notification has been delivered, except those that were committed within the limit of the
   * {@link SyncTimes}. While it is false, nothing that was read may be cached.
   */
  abstract readonly inSync: boolean;

  /** Begins to receive. Resolves after the first attempt, successful or not; further attempts follow automatically. */
  abstract start(): Promise<void>;

  abstract stop(): Promise<void>;

  /**
   * Milliseconds since the epoch: never behind the database's clock, and ahead of it by at most the duration of a
   * message to the database. Only valid while in sync.
   */
  abstract latestTime(): number;

  /** @returns a function that unsubscribes */
  subscribe(listener: NotificationListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  protected emit(event: 'notified', payload: string): void;
  protected emit(event: 'pulse', now: number): void;
  protected emit(event: 'outOfSync'): void;
  protected emit(event: keyof NotificationListener, value?: string | number): void {
    for (const listener of this.#listeners) {
      try {
        (listener[event] as ((value?: string | number) => void) | undefined)?.call(listener, value);
      } catch (error) {
        this.listenerFailed(error);
      }
    }
  }

  /** Logs the error of a listener, which must affect neither other listeners nor the transaction. */
  protected abstract listenerFailed(error: unknown): void;
}
