import { Injectable } from '@nestjs/common';
import { Database, type Step } from '@latchkey/platform';
import sql, { join, raw, type Sql } from 'sql-template-tag';
import type { ThrottleSettings } from './throttle-settings.js';
import { ThrottleRepository, type ThrottleAttempt } from './throttle-repository.js';

@Injectable()
export class SqlThrottleRepository extends ThrottleRepository {
  constructor(
    private readonly database: Database,
    private readonly settings: ThrottleSettings,
  ) {
    super();
  }

  /**
   * `ON CONFLICT` decides, and locks the row even when it refuses. What a look at the row refuses does not come that
   * far: a flood at one account must not queue for a lock with a connection for each attempt.
   */
  override async reserve({ known, shared, delays }: ThrottleAttempt): Promise<Buffer | null> {
    const { now } = this.database;
    const windowMs = this.settings.window * 1000;
    const forgotten = sql`throttles.last_at + ${windowMs} <= ${now}`;
    const admitted = sql`(${forgotten} OR throttles.last_at + ${this.#delay(delays)} <= ${now})`;
    const key =
      known === null
        ? sql`${shared}`
        : sql`COALESCE((SELECT key FROM throttles WHERE key = ${known} AND known AND expires_at > ${now}), ${shared})`;
    const [row] = await this.database.execute<{ key: Buffer }>(sql`
      INSERT INTO throttles (key, attempts, last_at, known, expires_at)
      SELECT ${key}, 1, ${now}, FALSE, ${now} + ${windowMs}
      WHERE NOT EXISTS (SELECT 1 FROM throttles WHERE throttles.key = ${key} AND NOT ${admitted})
      ON CONFLICT (key) DO UPDATE SET
        attempts = CASE WHEN ${forgotten} THEN 1 ELSE throttles.attempts + 1 END,
        last_at = excluded.last_at,
        expires_at = CASE WHEN throttles.known THEN throttles.expires_at ELSE excluded.expires_at END
      WHERE ${admitted}
      RETURNING key`);
    return row?.key ?? null;
  }

  override *refund(key: Buffer): Step<void> {
    yield sql`UPDATE throttles SET attempts = attempts - 1 WHERE key = ${key} AND attempts > 0`;
  }

  override *reset(key: Buffer): Step<void> {
    yield sql`UPDATE throttles SET attempts = 0 WHERE key = ${key}`;
  }

  override *remember(key: Buffer, lifetime: number): Step<void> {
    const { now } = this.database;
    yield sql`INSERT INTO throttles (key, attempts, last_at, known, expires_at)
      VALUES (${key}, 0, ${now}, TRUE, ${now} + ${lifetime * 1000})
      ON CONFLICT (key) DO UPDATE SET known = TRUE, attempts = 0, expires_at = excluded.expires_at`;
  }

  /** The delay that the attempts so far have earned. Numbers of our own, so they need no parameters. */
  #delay(delays: readonly number[]): Sql {
    const { freeAttempts } = this.settings;
    const steps = delays
      .slice(0, -1)
      .map((delay, index) => raw(`WHEN throttles.attempts = ${freeAttempts + index} THEN ${delay}`));
    const free = raw(`WHEN throttles.attempts < ${freeAttempts} THEN 0`);
    return sql`CASE ${join([free, ...steps], ' ')} ELSE ${raw(String(delays.at(-1) ?? 0))} END`;
  }
}
