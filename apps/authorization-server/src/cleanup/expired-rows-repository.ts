import { Injectable } from '@nestjs/common';
import { Database, withDistinctValues } from '@latchkey/platform/database';
import sql, { raw, type Sql } from 'sql-template-tag';

/** Tables whose rows may be deleted after their `expires_at`. */
export const EXPIRING_TABLES = [
  { table: 'authorizations', key: 'id' },
  { table: 'throttles', key: 'key' },
  { table: 'revocations', key: 'key' },
  { table: 'login_attempts', key: 'id' },
  { table: 'passkey_challenges', key: 'user_key' },
  { table: 'email_codes', key: 'id' },
] as const;

type ExpiringTable = (typeof EXPIRING_TABLES)[number];

/** Counters of login attempts in one portion of a count. */
const COUNTED_TOGETHER = 5000;

@Injectable()
export class ExpiredRowsRepository {
  constructor(private readonly database: Database) {}

  /** Deletes some expired rows. @returns the number of deleted rows */
  deleteExpired({ table, key }: ExpiringTable, limit: number): Promise<number> {
    // The subquery makes the time a constant, because PostgreSQL does not use the index for a changing value.
    const isExpired = sql`expires_at <= (SELECT ${this.database.now})`;
    return this.#delete(table, key, isExpired, sql`LIMIT ${limit}`);
  }

  /** Number of counters of login attempts above `maximum`, counted in portions with pauses. */
  async excessThrottles(maximum: number): Promise<number> {
    let total = 0;
    let after: Buffer | null = Buffer.alloc(0);
    while (after !== null) {
      const end: Buffer | null = await this.#endOfPortion(after);
      const upTo = end === null ? sql`` : sql`AND key <= ${end}`;
      const [row] = await this.database.examine<{ total: number | string }>(
        sql`SELECT count(*) AS total FROM throttles WHERE key > ${after} ${upTo} AND NOT known`,
        'background',
      );
      total += Number(row?.total ?? 0);
      after = end;
    }
    return Math.max(0, total - maximum);
  }

  async #endOfPortion(after: Buffer): Promise<Buffer | null> {
    const [end] = await this.database.examine<{ key: Buffer }>(
      sql`
      SELECT key FROM throttles WHERE key > ${after} ORDER BY key LIMIT 1 OFFSET ${COUNTED_TOGETHER - 1}`,
      'background',
    );
    return end?.key ?? null;
  }

  /** Deletes some counts of logins through deleted clients. @returns the number of deleted rows */
  async deleteLoginsWithoutClient(limit: number): Promise<number> {
    const client = await this.#clientThatIsGone();
    if (client === null) return 0;
    const condition = sql`client_key = ${client}`;
    const deleted = await this.database.execute(sql`DELETE FROM password_logins
      WHERE ${condition} AND user_key IN (
        SELECT user_key FROM password_logins WHERE ${condition} ORDER BY user_key LIMIT ${limit}
      ) RETURNING 1 AS deleted`);
    return deleted.length;
  }

  async #clientThatIsGone(): Promise<number | null> {
    const [row] = await this.database.query<{ client_key: number }>(sql`
      ${withDistinctValues('password_logins', 'client_key')}
      SELECT value AS client_key FROM distinct_values
      WHERE value IS NOT NULL AND NOT EXISTS (SELECT 1 FROM clients c WHERE c.key = distinct_values.value) LIMIT 1`);
    return row?.client_key ?? null;
  }

  /** Deletes some counters of login attempts, the first to expire first. Known sources stay. */
  deleteThrottles(limit: number): Promise<number> {
    return this.#delete('throttles', 'key', sql`NOT known`, sql`ORDER BY expires_at LIMIT ${limit}`);
  }

  /** Checks the condition twice: PostgreSQL selects first, and a row may be renewed before it is deleted. */
  async #delete(table: string, key: string, condition: Sql, order: Sql): Promise<number> {
    const deleted = await this.database.execute(
      sql`
      DELETE FROM ${raw(table)} WHERE ${condition} AND ${raw(key)} IN (
        SELECT ${raw(key)} FROM ${raw(table)} WHERE ${condition} ${order}
      ) RETURNING 1 AS deleted`,
      'background',
    );
    return deleted.length;
  }
}
