import type { Step } from '@latchkey/platform';

/** The buckets that may count one attempt; a bucket is named by sixteen bytes of a keyed hash. */
export interface ThrottleAttempt {
  /** Used when it exists: the source has logged in to this account before. */
  readonly known: Buffer | null;
  /** Used otherwise. */
  readonly shared: Buffer;
  /** Delays in milliseconds, see `delaysOf`. */
  readonly delays: readonly number[];
}

export abstract class ThrottleRepository {
  /**
   * Counts an attempt before it is made, in one statement, so that no number of attempts at the same time gets past
   * the limit.
   *
   * @returns the key of the bucket that counted it; `null` when the attempt must wait, and then nothing is counted
   */
  abstract reserve(attempt: ThrottleAttempt): Promise<Buffer | null>;

  /** Takes one attempt back. */
  abstract refund(key: Buffer): Step<void>;

  /** Forgets the failures of a bucket. */
  abstract reset(key: Buffer): Step<void>;

  /** Gives a source a bucket of its own, or keeps the one it has, for `lifetime` seconds from now. */
  abstract remember(key: Buffer, lifetime: number): Step<void>;
}
