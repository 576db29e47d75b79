import { Injectable } from '@nestjs/common';
import { Database, type Step } from '@latchkey/platform';
import sql, { join, raw, type Sql } from 'sql-template-tag';
import type { ThrottleSettings } from './throttle-settings.js';
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

@Injectable()
export class SqlThrottleRepository extends ThrottleRepository {
  /** @param leaseMs longer than any attempt takes, so that only the places of a process that died end by themselves */
  constructor(
    private readonly database: Database,
    private readonly settings: ThrottleSettings,
    private readonly leaseMs: number,
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
    const hasRoom = this.#hasRoom(delays);
    const [place] = await this.database.execute<{ key: Buffer; lease: number }>(sql`
      INSERT INTO throttles (key, attempts, last_at, known, expires_at, pending, lease)
      SELECT ${bucket}, 0, ${now}, FALSE, ${now} + ${this.#windowMs}, 1, ${this.#lease}
      WHERE NOT EXISTS (SELECT 1 FROM throttles WHERE throttles.key = ${bucket} AND NOT ${hasRoom})
      ON CONFLICT (key) DO UPDATE SET
        pending = 1 + CASE WHEN throttles.lease >= excluded.lease THEN throttles.pending ELSE 0 END,
        pending_before = CASE
          WHEN throttles.lease >= excluded.lease THEN throttles.pending_before
          WHEN throttles.lease = excluded.lease - 1 THEN throttles.pending
          ELSE 0 END,
        lease = excluded.lease,
        expires_at = CASE WHEN throttles.known THEN throttles.expires_at ELSE excluded.expires_at END
      WHERE ${hasRoom}
      RETURNING key, lease`);
    return place === undefined ? this.#refusal(bucket, attempt) : { state: 'admitted', place };
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

  override *release(place: Place): Step<void> {
    yield sql`UPDATE throttles SET ${without([place])} WHERE key = ${place.key}`;
  }

  override *fail(places: readonly [Place, ...Place[]]): Step<void> {
    const { now } = this.database;
    yield sql`UPDATE throttles SET ${without(places)},
        attempts = ${this.#attempts} + ${places.length},
        last_at = ${now},
        expires_at = CASE WHEN known THEN expires_at ELSE ${now} + ${this.#windowMs} END
      WHERE key = ${places[0].key}`;
  }

  override *reset(key: Buffer, place: Place | null): Step<void> {
    const released = place === null ? sql`` : sql`, ${without([place])}`;
    yield sql`UPDATE throttles SET attempts = 0 ${released} WHERE key = ${key}`;
  }

  override *remember(key: Buffer, lifetime: number, place: Place | null): Step<void> {
    const { now } = this.database;
    const released = place === null ? sql`` : sql`, ${without([place])}`;
    yield sql`INSERT INTO throttles (key, attempts, last_at, known, expires_at)
      VALUES (${key}, 0, ${now}, TRUE, ${now} + ${lifetime * 1000})
      ON CONFLICT (key) DO UPDATE SET known = TRUE, attempts = 0, expires_at = excluded.expires_at ${released}`;
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

  /** Number of the period that places are counted by, see {@link Place.lease}. */
  get #lease(): Sql {
    return sql`${this.database.now} / ${raw(String(Math.ceil(this.leaseMs)))}`;
  }

  get #windowMs(): number {
    return this.settings.window * 1000;
  }

  /** Whether its times lie in the future, because the clock was set back. */
  get #isAhead(): Sql {
    return sql`(throttles.last_at > ${this.database.now} OR throttles.lease > ${this.#lease})`;
  }

  /** A time in the future counts as now: from here on delays and leases pass as usual. */
  async #setBack(key: Buffer): Promise<void> {
    const { now } = this.database;
    await this.database.execute(sql`UPDATE throttles SET
        last_at = CASE WHEN last_at > ${now} THEN ${now} ELSE last_at END,
        lease = CASE WHEN lease > ${this.#lease} THEN ${this.#lease} ELSE lease END
      WHERE key = ${key} AND ${this.#isAhead}`);
  }

  #hasRoom(delays: readonly number[]): Sql {
    const pending = sql`CASE
      WHEN throttles.lease >= ${this.#lease} THEN throttles.pending + throttles.pending_before
      WHEN throttles.lease = ${this.#lease} - 1 THEN throttles.pending
      ELSE 0 END`;
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

/** Takes the places out of the counts of their leases, where these are still counted. */
function without(places: readonly Place[]): Sql {
  const leases = new Map<number, number>();
  for (const { lease } of places) leases.set(lease, (leases.get(lease) ?? 0) + 1);
  const ended = (isOf: (lease: Sql) => Sql): Sql =>
    join(
      [...leases].map(([lease, count]) => sql`CASE WHEN ${isOf(sql`${lease}`)} THEN ${count} ELSE 0 END`),
      ' + ',
    );
  const rest = (column: Sql, gone: Sql): Sql =>
    sql`CASE WHEN ${column} > ${gone} THEN ${column} - (${gone}) ELSE 0 END`;
  // After a step back of the clock a lease may have a higher number than the row has now.
  const ofThis = ended((lease) => sql`${lease} >= throttles.lease`);
  const ofTheOneBefore = ended((lease) => sql`${lease} = throttles.lease - 1`);
  return sql`pending = ${rest(sql`throttles.pending`, ofThis)},
    pending_before = ${rest(sql`throttles.pending_before`, ofTheOneBefore)}`;
}
