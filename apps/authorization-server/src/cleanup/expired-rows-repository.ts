import { Injectable } from '@nestjs/common';
import { Database, type Step } from '@latchkey/platform';
import sql, { raw } from 'sql-template-tag';

/** What may be deleted once its `expires_at` has passed. */
export const EXPIRING_TABLES = [
  { table: 'authorizations', key: 'id' },
  { table: 'throttles', key: 'key' },
] as const;

export type ExpiringTable = (typeof EXPIRING_TABLES)[number];

@Injectable()
export class ExpiredRowsRepository {
  constructor(private readonly database: Database) {}

  /** Deletes some expired rows. @returns how many */
  async deleteBatch({ table, key }: ExpiringTable, limit: number): Promise<number> {
    const deleted = await this.database.execute(sql`
      DELETE FROM ${raw(table)} WHERE ${raw(key)} IN (
        SELECT ${raw(key)} FROM ${raw(table)} WHERE expires_at <= ${this.database.now} LIMIT ${limit})
      RETURNING 1 AS deleted`);
    return deleted.length;
  }

  /**
   * Keeps the counters of login attempts, which anybody can make more of, within a bound: those that slow nobody down
   * yet go first, the oldest first. Known sources stay; only a login makes one.
   */
  *boundThrottles(maximum: number): Step<number> {
    const [row] = yield sql`SELECT count(*) AS total FROM throttles WHERE NOT known`;
    const excess = Number(row?.total ?? 0) - maximum;
    if (excess <= 0) return 0;
    yield sql`DELETE FROM throttles WHERE key IN (
      SELECT key FROM throttles WHERE NOT known ORDER BY attempts, last_at LIMIT ${excess})`;
    return excess;
  }
}
