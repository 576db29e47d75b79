import { type Database, type Statement, statement } from '@latchkey/platform/database';
import sql, { join, raw, type Sql } from 'sql-template-tag';
import { type Place, type Places, without } from './places.js';
import type { ThrottleSettings } from '../config/authorization-server-config.js';

/** The buckets that may count one attempt. The name of a bucket is sixteen bytes of a keyed hash. */
export interface ThrottleAttempt {
  /** Used if it exists, which means that the source has logged in to this account before. */
  readonly known: Buffer | null;
  /** Used otherwise. */
  readonly shared: Buffer;
  /** Delays in milliseconds, see `delaysOf`. */
  readonly delays: readonly number[];
}

/**
 * The result of asking for a place: the attempt has one; it may get one when other attempts have ended; or it is
 * refused now, because too many have failed.
 */
export type Admission =
  | { readonly state: 'admitted'; readonly place: Place }
  | { readonly state: 'full'; readonly key: Buffer }
  | { readonly state: 'throttled' };

/** A delay of the next attempt, and when it ends. Times in milliseconds since the epoch, by the database's clock. */
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

/** Methods that return a statement store nothing: the caller stores the statement together with others. */
export class ThrottleRepository {
  constructor(
    private readonly database: Database,
    private readonly settings: ThrottleSettings,
    private readonly places: Places,
  ) {}

  /**
   * Takes a place for an attempt before it is made, in one statement, so that parallel attempts cannot exceed the
   * limit: attempts in flight and failed attempts together never exceed the free attempts, and beyond these there is
   * one attempt at a time.
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

  /** @returns the delays by bucket, in hexadecimal digits, where attempts have to wait */
  async findDelays(
    buckets: readonly Buffer[],
    delays: readonly number[],
  ): Promise<ReadonlyMap<string, Delay>> {
    const { now } = this.database;
    const lastAt = sql`CASE WHEN throttles.last_at > ${now} THEN ${now} ELSE throttles.last_at END`;
    const found = await this.database.query<Delay & { key: Buffer }>(
      sql`
      SELECT key, attempts AS failures, ${lastAt} AS "lastAt", ${lastAt} + ${this.#delay(delays)} AS until
      FROM throttles WHERE key IN (${join([...buckets])}) AND NOT ${this.#delayIsOver(delays)}`,
      'administration',
    );
    return new Map(found.map(({ key, ...delay }) => [key.toString('hex'), delay]));
  }

  release(place: Place): Statement {
    return statement(sql`UPDATE throttles SET ${without([place])} WHERE key = ${place.key}`);
  }

  /** Counts failed attempts and releases their places, which are all in one bucket. */
  fail(places: readonly [Place, ...Place[]]): Statement {
    const { now } = this.database;
    return statement(sql`UPDATE throttles SET ${without(places)},
        attempts = ${this.#attempts} + ${places.length},
        last_at = ${now},
        expires_at = CASE WHEN known THEN expires_at ELSE ${now} + ${this.#windowMs} END
      WHERE key = ${places[0].key}`);
  }

  /** Resets the failures of the bucket of a successful attempt, and releases its place. */
  reset(place: Place): Statement {
    return statement(sql`UPDATE throttles SET attempts = 0, ${without([place])} WHERE key = ${place.key}`);
  }

  /** Resets the failures of buckets. */
  forget(buckets: readonly Buffer[]): Statement {
    return statement(sql`UPDATE throttles SET attempts = 0 WHERE key IN (${join([...buckets])})`);
  }

  /**
   * Creates the bucket of a known source, or extends the existing one, for `lifetime` seconds from now, without
   * failures.
   *
   * @param place of the successful attempt, if it is in this bucket
   */
  remember(key: Buffer, lifetime: number, place: Place | null): Statement {
    const { now } = this.database;
    const released = place === null ? sql`` : sql`, ${without([place])}`;
    return statement(sql`INSERT INTO throttles (key, attempts, last_at, known, expires_at)
      VALUES (${key}, 0, ${now}, TRUE, ${now} + ${lifetime * 1000})
      ON CONFLICT (key) DO UPDATE SET known = TRUE, attempts = 0, expires_at = excluded.expires_at ${released}`);
  }

  /** Why a bucket had no room. If it has room by now, `full` is still right: the attempt then asks again. */
  async #refusal(bucket: Sql, { shared, delays }: ThrottleAttempt): Promise<Admission> {
    const [row] = await this.database.query<RefusingBucket>(sql`
      SELECT key, NOT ${this.#delayIsOver(delays)} AS delayed, ${this.#isAhead} AS ahead
      FROM throttles WHERE throttles.key = ${bucket}`);
    if (row === undefined) return { state: 'full', key: shared };
    if (row.ahead) await this.#setBack(row.key);
    return row.delayed ? { state: 'throttled' } : { state: 'full', key: row.key };
  }

  /** Failures within the window. */
  get #attempts(): Sql {
    return sql`CASE WHEN throttles.last_at + ${this.#windowMs} <= ${this.database.now} THEN 0 ELSE throttles.attempts END`;
  }

  get #windowMs(): number {
    return this.settings.window * 1000;
  }

  /** Whether the times of the row lie in the future, because the clock was set back. */
  get #isAhead(): Sql {
    return sql`(throttles.last_at > ${this.database.now} OR throttles.lease > ${this.places.lease})`;
  }

  /** Replaces times in the future by the current time, so that delays and leases expire as usual. */
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

  /** Whether the delay after the last failure has passed. */
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
