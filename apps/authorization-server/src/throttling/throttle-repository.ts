import { type Database, type Statement, statement } from '@latchkey/platform/database';
import sql, { join, raw, type Sql } from 'sql-template-tag';
import { type Place, type Places, without } from './places.js';
import type { ThrottleSettings } from '../config/authorization-server-config.js';

/** The buckets that may count one attempt; a bucket is named by sixteen bytes of a keyed hash. */
export interface ThrottleAttempt {
  /** Used when it exists: the source has logged in to this account before. */
  readonly known: Buffer | null;
  /** Used otherwise. */
  readonly shared: Buffer;
  /** Delays in milliseconds, see `delaysOf`. */
  readonly delays: readonly number[];
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

interface RefusingBucket {
  readonly key: Buffer;
  /** SQLite has no booleans. */
  readonly delayed: boolean | number;
  readonly ahead: boolean | number;
}

/** A method that returns a statement has stored nothing yet: its caller stores the statement together with others. */
export class ThrottleRepository {
  constructor(
    private readonly database: Database,
    private readonly settings: ThrottleSettings,
    private readonly places: Places,
  ) {}

  /**
   * Takes a place for an attempt before it is made, in one statement, so that no number of attempts at the same time gets
   * past the limit: those in flight and those that failed are together never more than the free ones, and after these
   * there is one at a time.
   */
  async reserve(attempt: ThrottleAttempt): Promise<Admission> {
    const { known, shared, delays } = attempt;
    const { now } = this.database;
    const bucket =
      known === null
        ? sql`${shared}`
        : sql`COALESCE((SELECT key FROM throttles WHERE key = ${known} AND known AND expires_at > ${now}), ${shared})`;
    const place = await this.places.take(bucket, this.#hasRoom(delays));
    return place === null ? this.#refusal(bucket, attempt) : { state: 'admitted', place };
  }

  /** @returns `null` where an attempt need not wait for a delay to pass */
  async findDelay(bucket: Buffer, delays: readonly number[]): Promise<Delay | null> {
    const { now } = this.database;
    const lastAt = sql`CASE WHEN throttles.last_at > ${now} THEN ${now} ELSE throttles.last_at END`;
    const [delay] = await this.database.query<Delay>(
      sql`
      SELECT attempts AS failures, ${lastAt} AS "lastAt", ${lastAt} + ${this.#delay(delays)} AS until
      FROM throttles WHERE key = ${bucket} AND NOT ${this.#delayIsOver(delays)}`,
      'administration',
    );
    return delay ?? null;
  }

  /** Gives a place back. */
  release(place: Place): Statement {
    return statement(sql`UPDATE throttles SET ${without([place])} WHERE key = ${place.key}`);
  }

  /** Counts attempts that failed, and gives their places back. All of them are in one bucket. */
  fail(places: readonly [Place, ...Place[]]): Statement {
    const { now } = this.database;
    return statement(sql`UPDATE throttles SET ${without(places)},
        attempts = ${this.#attempts} + ${places.length},
        last_at = ${now},
        expires_at = CASE WHEN known THEN expires_at ELSE ${now} + ${this.#windowMs} END
      WHERE key = ${places[0].key}`);
  }

  /** Forgets the failures of a bucket, and gives back the place of the attempt that was right, if there is one. */
  reset(key: Buffer, place: Place | null): Statement {
    const released = place === null ? sql`` : sql`, ${without([place])}`;
    return statement(sql`UPDATE throttles SET attempts = 0 ${released} WHERE key = ${key}`);
  }

  /**
   * Gives a source a bucket of its own, or keeps the one it has, for `lifetime` seconds from now, without failures.
   *
   * @param place of the attempt that was right, if it is in this bucket
   */
  remember(key: Buffer, lifetime: number, place: Place | null): Statement {
    const { now } = this.database;
    const released = place === null ? sql`` : sql`, ${without([place])}`;
    return statement(sql`INSERT INTO throttles (key, attempts, last_at, known, expires_at)
      VALUES (${key}, 0, ${now}, TRUE, ${now} + ${lifetime * 1000})
      ON CONFLICT (key) DO UPDATE SET known = TRUE, attempts = 0, expires_at = excluded.expires_at ${released}`);
  }

  /** Why a bucket had no room. Where it has room by now, waiting for it is right as well. */
  async #refusal(bucket: Sql, { shared, delays }: ThrottleAttempt): Promise<Admission> {
    const [row] = await this.database.query<RefusingBucket>(sql`
      SELECT key, NOT ${this.#delayIsOver(delays)} AS delayed, ${this.#isAhead} AS ahead
      FROM throttles WHERE throttles.key = ${bucket}`);
    if (row === undefined) return { state: 'full', key: shared };
    if (row.ahead) await this.#setBack(row.key);
    return row.delayed ? { state: 'throttled' } : { state: 'full', key: row.key };
  }

  /** Failures that count; numbers of our own need no parameters. */
  get #attempts(): Sql {
    return sql`CASE WHEN throttles.last_at + ${this.#windowMs} <= ${this.database.now} THEN 0 ELSE throttles.attempts END`;
  }

  get #windowMs(): number {
    return this.settings.window * 1000;
  }

  /** Whether its times lie in the future, because the clock was set back. */
  get #isAhead(): Sql {
    return sql`(throttles.last_at > ${this.database.now} OR throttles.lease > ${this.places.lease})`;
  }

  /** A time in the future counts as now: from here on delays and leases pass as usual. */
  async #setBack(key: Buffer): Promise<void> {
    const { now } = this.database;
    await this.database.execute(sql`UPDATE throttles SET
        last_at = CASE WHEN last_at > ${now} THEN ${now} ELSE last_at END,
        lease = ${this.places.leaseUntilNow}
      WHERE key = ${key} AND ${this.#isAhead}`);
  }

  #hasRoom(delays: readonly number[]): Sql {
    const { pending } = this.places;
    const { freeAttempts } = this.settings;
    return sql`(${this.#attempts} + ${pending} < ${raw(String(freeAttempts))}
      OR (${pending} = 0 AND ${this.#delayIsOver(delays)}))`;
  }

  /** Whether the delay that the failures have earned has passed since the last one. */
  #delayIsOver(delays: readonly number[]): Sql {
    const free = raw(String(this.settings.freeAttempts));
    return sql`(${this.#attempts} < ${free}
      OR throttles.last_at + ${this.#delay(delays)} <= ${this.database.now})`;
  }

  #delay(delays: readonly number[]): Sql {
    const { freeAttempts } = this.settings;
    const steps = delays
      .slice(0, -1)
      .map((delay, index) => raw(`WHEN throttles.attempts = ${freeAttempts + index} THEN ${delay}`));
    const free = raw(`WHEN throttles.attempts < ${freeAttempts} THEN 0`);
    return sql`CASE ${join([free, ...steps], ' ')} ELSE ${raw(String(delays.at(-1) ?? 0))} END`;
  }
}
