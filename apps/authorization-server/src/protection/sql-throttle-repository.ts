import { statement, type Database, type Statement } from '@latchkey/platform/database';
import sql, { join, raw, type Sql } from 'sql-template-tag';
import { without, type Places } from './places.js';
import type { ThrottleSettings } from '../config/authorization-server-config.js';
import {
  ThrottleRepository,
  type Admission,
  type Delay,
  type Place,
  type ThrottleAttempt,
} from './throttle-repository.js';

interface RefusingBucket {
  readonly key: Buffer;
  /** SQLite has no booleans. */
  readonly delayed: boolean | number;
  readonly ahead: boolean | number;
}

export class SqlThrottleRepository extends ThrottleRepository {
  constructor(
    private readonly database: Database,
    private readonly settings: ThrottleSettings,
    private readonly places: Places,
  ) {
    super();
  }

  /**
   * `ON CONFLICT` decides, and locks the row even when it refuses. What a look at the row refuses does not come that
   * far: a flood at one account must not queue for a lock with a connection for each attempt.
   */
  override async reserve(attempt: ThrottleAttempt): Promise<Admission> {
    const { known, shared, delays } = attempt;
    const { now } = this.database;
    const bucket =
      known === null
        ? sql`${shared}`
        : sql`COALESCE((SELECT key FROM throttles WHERE key = ${known} AND known AND expires_at > ${now}), ${shared})`;
    const place = await this.places.take(bucket, this.#hasRoom(delays));
    return place === null ? this.#refusal(bucket, attempt) : { state: 'admitted', place };
  }

  override async findDelay(bucket: Buffer, delays: readonly number[]): Promise<Delay | null> {
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

  override release(place: Place): Statement {
    return statement(sql`UPDATE throttles SET ${without([place])} WHERE key = ${place.key}`);
  }

  override fail(places: readonly [Place, ...Place[]]): Statement {
    const { now } = this.database;
    return statement(sql`UPDATE throttles SET ${without(places)},
        attempts = ${this.#attempts} + ${places.length},
        last_at = ${now},
        expires_at = CASE WHEN known THEN expires_at ELSE ${now} + ${this.#windowMs} END
      WHERE key = ${places[0].key}`);
  }

  override reset(key: Buffer, place: Place | null): Statement {
    const released = place === null ? sql`` : sql`, ${without([place])}`;
    return statement(sql`UPDATE throttles SET attempts = 0 ${released} WHERE key = ${key}`);
  }

  override remember(key: Buffer, lifetime: number, place: Place | null): Statement {
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
