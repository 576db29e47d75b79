import type { Database } from '@latchkey/platform/database';
import sql, { join, raw, type Sql } from 'sql-template-tag';

/** A place in a bucket for one attempt in flight. */
export interface Place {
  /** The bucket. */
  readonly key: Buffer;
  /** Number of the period in which the attempt began. The place is free again at the end of the next one at the latest. */
  readonly lease: number;
}

/** The places of attempts in flight, which every bucket of the table `throttles` counts in the same way. */
export class Places {
  /**
   * @param leaseMs longer than any attempt takes, so that only the places of a process that died end by themselves
   * @param windowMs how long a bucket is kept in which nothing happens
   */
  constructor(
    private readonly database: Database,
    private readonly leaseMs: number,
    private readonly windowMs: number,
  ) {}

  /**
   * Takes a place in a bucket in one statement. `ON CONFLICT` decides, and locks the row even when it refuses. What a look at
   * the row refuses does not come that far: a flood at one bucket must not queue for a lock with a connection for each
   * attempt.
   *
   * @param bucket gives its key
   * @param hasRoom about the row of the bucket
   * @returns `null` without room
   */
  async take(bucket: Sql, hasRoom: Sql): Promise<Place | null> {
    const { now } = this.database;
    const [place] = await this.database.execute<{ key: Buffer; lease: number }>(sql`
      INSERT INTO throttles (key, attempts, last_at, known, expires_at, pending, lease)
      SELECT ${bucket}, 0, ${now}, FALSE, ${now} + ${this.windowMs}, 1, ${this.lease}
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
    return place ?? null;
  }

  /** Number of the period that places are counted by, see {@link Place.lease}. */
  get lease(): Sql {
    return sql`${this.database.now} / ${raw(String(Math.ceil(this.leaseMs)))}`;
  }

  /** The lease of a row, but none that is yet to come. */
  get leaseUntilNow(): Sql {
    return sql`CASE WHEN lease > ${this.lease} THEN ${this.lease} ELSE lease END`;
  }

  /** Attempts in flight. */
  get pending(): Sql {
    return sql`CASE
      WHEN throttles.lease >= ${this.lease} THEN throttles.pending + throttles.pending_before
      WHEN throttles.lease = ${this.lease} - 1 THEN throttles.pending
      ELSE 0 END`;
  }
}

/** Takes the places out of the counts of their leases, where these are still counted. */
export function without(places: readonly Place[]): Sql {
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

/**
 * Attempts by the buckets in which they have their places, in one order, so that no two servers wait for each other's rows.
 */
export function byBucket<T extends { readonly place: Place }>(attempts: readonly T[]): [T, ...T[]][] {
  const found = new Map<string, [T, ...T[]]>();
  for (const attempt of attempts) {
    const key = attempt.place.key.toString('hex');
    const others = found.get(key);
    if (others === undefined) found.set(key, [attempt]);
    else others.push(attempt);
  }
  return [...found].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, ofBucket]) => ofBucket);
}
