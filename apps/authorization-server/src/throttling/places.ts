import type { Database } from '@latchkey/platform/database';
import sql, { join, raw, type Sql } from 'sql-template-tag';

/** A place in a bucket for one attempt in flight. */
export interface Place {
  /** The bucket. */
  readonly key: Buffer;
  /** Number of the period in which the attempt began. The place expires at the end of the next period at the latest. */
  readonly lease: number;
}

/** The places of attempts in flight, which every bucket of the table `throttles` counts in the same way. */
export class Places {
  /**
   * @param leaseMs longer than any attempt takes, so that only the places of a crashed process expire
   * @param windowMs how long an unused bucket is kept
   */
  constructor(
    private readonly database: Database,
    private readonly leaseMs: number,
    private readonly windowMs: number,
  ) {}

  /**
   * Takes a place in a bucket in one statement. `ON CONFLICT` decides, and locks the row even when it refuses. The
   * `WHERE NOT EXISTS` refuses most attempts before that, without a lock, so that a flood at one bucket does not occupy
   * all connections.
   *
   * @param bucket expression for its key
   * @param hasRoom condition on the row of the bucket
   * @returns `null` when there is no room
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

  /** Number of the current period, see {@link Place.lease}. */
  get lease(): Sql {
    return sql`${this.database.now} / ${raw(String(Math.ceil(this.leaseMs)))}`;
  }

  /** The lease of a row, or the current one if it lies in the future. */
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

/** Subtracts the places from the counts of their leases, if these are still counted. */
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
  // After the clock was set back, the lease of a place may be higher than that of the row.
  const ofThis = ended((lease) => sql`${lease} >= throttles.lease`);
  const ofTheOneBefore = ended((lease) => sql`${lease} = throttles.lease - 1`);
  return sql`pending = ${rest(sql`throttles.pending`, ofThis)},
    pending_before = ${rest(sql`throttles.pending_before`, ofTheOneBefore)}`;
}

/** Groups attempts by bucket, in a fixed order, so that two servers never deadlock on each other's rows. */
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
