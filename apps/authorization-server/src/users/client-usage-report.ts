import { Injectable } from '@nestjs/common';
import { Database } from '@latchkey/platform/database';
import { MAX_EXAMINED } from '@latchkey/platform/http';
import sql from 'sql-template-tag';
import { inPortions, type Numeric } from './read-in-portions.js';

/** What one client has done with the password grant. */
export interface ClientUsage {
  readonly clientKey: number;
  readonly users: number;
  /** Those of them who are enabled and have no second factor. */
  readonly withoutSecondFactor: number;
  readonly logins: number;
  /** Milliseconds since the epoch. */
  readonly lastLoginAt: number;
}

interface PortionRow {
  client_key: Numeric;
  users: Numeric;
  without_second_factor: Numeric;
  logins: Numeric;
  last_at: Numeric;
}

interface Position {
  readonly user_key: Numeric;
  readonly client_key: Numeric;
}

/**
 * A report that took several portions is kept for this many times the time that it took. So its pages are consistent,
 * and repeated requests take a small part of the process's time.
 */
const KEPT_TIMES = 20;

/** Reports that are kept. */
const MAX_KEPT = 10;

interface Kept {
  readonly report: Promise<readonly ClientUsage[]>;
  readonly until: number;
}

/**
 * Sums up, for each client, the logins of its users. There are as many rows as users, so they are read in portions with
 * pauses, one report at a time, and a report of several portions is kept for a while.
 */
@Injectable()
export class ClientUsageReport {
  readonly #kept = new Map<number, Kept>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(private readonly database: Database) {}

  /**
   * @param since leaves out logins before this time, in milliseconds since the epoch
   * @returns ordered by the last login, the latest first
   */
  of(since: number): Promise<readonly ClientUsage[]> {
    const kept = this.#kept.get(since);
    if (kept !== undefined && performance.now() < kept.until) return kept.report;
    const report = this.#last.then(() => this.#make(since));
    this.#last = report.catch(() => this.#kept.delete(since));
    this.#keep(since, { report, until: Infinity });
    return report;
  }

  async #make(since: number): Promise<readonly ClientUsage[]> {
    const start = performance.now();
    const { usages, portions } = await this.#read(since);
    const report = usages.sort(
      (left, right) => right.lastLoginAt - left.lastLoginAt || left.clientKey - right.clientKey,
    );
    const end = performance.now();
    if (portions === 1) this.#kept.delete(since);
    else this.#keep(since, { report: Promise.resolve(report), until: end + (end - start) * KEPT_TIMES });
    return report;
  }

  #keep(since: number, kept: Kept): void {
    this.#kept.delete(since);
    this.#kept.set(since, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }

  async #read(since: number): Promise<{ usages: ClientUsage[]; portions: number }> {
    const usages = new Map<number, ClientUsage>();
    const portions = await inPortions<Position>({ user_key: 0, client_key: 0 }, async (after) => {
      const end = await this.#endOfPortion(after);
      for (const row of await this.#portion(after, since)) add(usages, row);
      return end;
    });
    return { usages: [...usages.values()], portions };
  }

  async #endOfPortion({ user_key: user, client_key: client }: Position): Promise<Position | null> {
    const [end] = await this.database.examine<Position>(sql`SELECT user_key, client_key FROM password_logins
      WHERE (user_key, client_key) > (${user}, ${client})
      ORDER BY user_key, client_key LIMIT 1 OFFSET ${MAX_EXAMINED - 1}`);
    return end ?? null;
  }

  /**
   * Leaves out deleted users. Users are looked up one by one, because PostgreSQL would otherwise join all users. The
   * rows are limited first, because SQLite would otherwise read all of them in the order of clients.
   */
  #portion({ user_key: user, client_key: client }: Position, since: number): Promise<PortionRow[]> {
    return this.database.examine<PortionRow>(sql`
      SELECT p.client_key, count(*) AS users, sum(p.is_without) AS without_second_factor, sum(p.logins) AS logins,
        max(p.last_at) AS last_at
      FROM (SELECT l.*,
          (SELECT CASE WHEN u.has_second_factor OR u.disabled_by IS NOT NULL THEN 0 ELSE 1 END
            FROM users u WHERE u.key = l.user_key) AS is_without
        FROM (SELECT * FROM password_logins WHERE (user_key, client_key) > (${user}, ${client})
          ORDER BY user_key, client_key LIMIT ${MAX_EXAMINED}) AS l) AS p
      WHERE p.last_at >= ${since} AND p.is_without IS NOT NULL
      GROUP BY p.client_key`);
  }
}

const NONE = { users: 0, withoutSecondFactor: 0, logins: 0, lastLoginAt: 0 };

function add(usages: Map<number, ClientUsage>, row: PortionRow): void {
  const clientKey = Number(row.client_key);
  const { users, withoutSecondFactor, logins, lastLoginAt } = usages.get(clientKey) ?? NONE;
  usages.set(clientKey, {
    clientKey,
    users: users + Number(row.users),
    withoutSecondFactor: withoutSecondFactor + Number(row.without_second_factor),
    logins: logins + Number(row.logins),
    lastLoginAt: Math.max(lastLoginAt, Number(row.last_at)),
  });
}
