import type { Statement } from '@latchkey/platform/database';

/** The buckets that may count one attempt; a bucket is named by sixteen bytes of a keyed hash. */
export interface ThrottleAttempt {
  /** Used when it exists: the source has logged in to this account before. */
  readonly known: Buffer | null;
  /** Used otherwise. */
  readonly shared: Buffer;
  /** Delays in milliseconds, see `delaysOf`. */
  readonly delays: readonly number[];
}

/** A place in a bucket for one attempt in flight. */
export interface Place {
  /** The bucket. */
  readonly key: Buffer;
  /** Number of the period in which the attempt began. The place is free again at the end of the next one at the latest. */
  readonly lease: number;
}

/**
 * What became of an attempt that asked for a place: it has one; it may get one as soon as others in flight have ended; or
 * it must not be made now, because too many have failed.
 */
export type Admission =
  | { readonly state: 'admitted'; readonly place: Place }
  | { readonly state: 'full'; readonly key: Buffer }
  | { readonly state: 'throttled' };

/** Why attempts must not be made now, and until when. Times in milliseconds since the epoch, by the database's clock. */
export interface Delay {
  readonly failures: number;
  readonly lastAt: number;
  readonly until: number;
}

/** A method that returns a statement has stored nothing yet: its caller stores the statement together with others. */
export abstract class ThrottleRepository {
  /**
   * Takes a place for an attempt before it is made, in one statement, so that no number of attempts at the same time gets
   * past the limit: those in flight and those that failed are together never more than the free ones, and after these
   * there is one at a time.
   */
  abstract reserve(attempt: ThrottleAttempt): Promise<Admission>;

  /** @returns `null` where an attempt need not wait for a delay to pass */
  abstract findDelay(bucket: Buffer, delays: readonly number[]): Promise<Delay | null>;

  /** Gives a place back. */
  abstract release(place: Place): Statement;

  /** Counts attempts that failed, and gives their places back. All of them are in one bucket. */
  abstract fail(places: readonly [Place, ...Place[]]): Statement;

  /** Forgets the failures of a bucket, and gives back the place of the attempt that was right, if there is one. */
  abstract reset(key: Buffer, place: Place | null): Statement;

  /**
   * Gives a source a bucket of its own, or keeps the one it has, for `lifetime` seconds from now, without failures.
   *
   * @param place of the attempt that was right, if it is in this bucket
   */
  abstract remember(key: Buffer, lifetime: number, place: Place | null): Statement;
}
