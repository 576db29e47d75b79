import { Injectable } from '@nestjs/common';
import { Database, statement, type Statement } from '@latchkey/platform/database';
import { MAX_EXAMINED, toPage, toScannedPage, type Page } from '@latchkey/platform/http';
import sql, { empty, join } from 'sql-template-tag';
import { ClientUsageReport, type ClientUsage } from './client-usage-report.js';

/** The use of the password grant by one client, without deleted users. */
export interface ClientPasswordUsage {
  readonly clientId: string;
  readonly clientName: string;
  readonly enabled: boolean;
  /** Last day (UTC, `YYYY-MM-DD`) on which the client may use the password grant; `null`: no end. */
  readonly passwordGrantUntil: string | null;
  /** Users who have logged in through it. */
  readonly users: number;
  /** Users among them who are enabled and have no second factor. */
  readonly withoutSecondFactor: number;
  readonly logins: number;
  /** Milliseconds since the epoch. */
  readonly lastLoginAt: number;
}

/** The use of the password grant by one user through one client. */
export interface UserPasswordUsage {
  readonly sub: string;
  readonly username: string;
  readonly logins: number;
  /** Milliseconds since the epoch. */
  readonly lastLoginAt: number;
}

export interface UsageFilter {
  /** Leaves out users whose last login is older, in milliseconds since the epoch. */
  readonly since?: number;
}

interface UserUsageFilter extends UsageFilter {
  readonly enabled?: boolean | undefined;
  readonly hasSecondFactor?: boolean | undefined;
}

interface UsagePage {
  readonly limit: number;
  /** The `next` of the previous page. */
  readonly after: string | null;
}

interface ClientRow {
  key: number | string;
  client_id: string;
  client_name: string;
  disabled_by: string | null;
  password_grant_until: string | null;
}

/** PostgreSQL's driver returns counts as text, because they may exceed a JavaScript number. */
interface UserRow {
  key: number | string;
  sub: string;
  username: string;
  logins: number | string;
  last_at: number | string;
}

/**
 * Who still uses the password grant, and so has to migrate before it can be switched off.
 *
 * There is one row per user and client, and each login with a password writes it. One row per client would be simpler
 * to read, but all logins of a client would then wait for each other to write it.
 */
@Injectable()
export class PasswordGrantUsage {
  constructor(
    private readonly database: Database,
    private readonly report: ClientUsageReport,
  ) {}

  /** Counts a login. */
  countStatement(userKey: number, clientKey: number): Statement {
    const { now } = this.database;
    return statement(sql`INSERT INTO password_logins (user_key, client_key, logins, last_at)
      VALUES (${userKey}, ${clientKey}, 1, ${now})
      ON CONFLICT (user_key, client_key) DO UPDATE SET
        logins = password_logins.logins + 1, last_at = excluded.last_at`);
  }

  /** Clients, ordered by the last login, the latest first. */
  async clients(
    { limit, after }: UsagePage,
    { since = 0 }: UsageFilter = {},
  ): Promise<Page<ClientPasswordUsage>> {
    const report = await this.report.of(since);
    const { items, next } = toPage(
      report.filter((usage) => after === null || positionOf(usage) > after).slice(0, limit + 1),
      limit,
      positionOf,
    );
    const clients = await this.#clients(items.map(({ clientKey }) => clientKey));
    // Without clients that were deleted.
    const found = items.flatMap(({ clientKey, ...usage }) => {
      const client = clients.get(clientKey);
      return client === undefined ? [] : [{ ...client, ...usage }];
    });
    return { items: found, next };
  }

  /** Users of a client, in the order of their creation. */
  async users(
    clientId: string,
    { limit, after }: UsagePage,
    { since = 0, enabled, hasSecondFactor }: UserUsageFilter = {},
  ): Promise<Page<UserPasswordUsage>> {
    const range = sql`p.client_key = (SELECT key FROM clients WHERE client_id = ${clientId})
      AND p.user_key > ${Number(after ?? 0)}`;
    const [end] = await this.database.examine<{ user_key: number | string }>(sql`
      SELECT p.user_key FROM password_logins p WHERE ${range}
      ORDER BY p.user_key LIMIT 1 OFFSET ${MAX_EXAMINED - 1}`);
    const state = enabled === undefined ? empty : sql`AND (u.disabled_by IS NULL) = ${enabled}`;
    const factor = hasSecondFactor === undefined ? empty : sql`AND u.has_second_factor = ${hasSecondFactor}`;
    const upTo = end === undefined ? empty : sql`AND p.user_key <= ${end.user_key}`;
    // Users are looked up one by one, because PostgreSQL would otherwise join all of them.
    const isMeant = sql`(SELECT CASE WHEN u.key = p.user_key ${state} ${factor} THEN 1 ELSE 0 END
      FROM users u WHERE u.key = p.user_key) = 1`;
    const rows = await this.database.examine<UserRow>(sql`
      SELECT u.key, u.sub, u.username, p.logins, p.last_at
      FROM (SELECT * FROM password_logins p WHERE ${range} ${upTo} AND p.last_at >= ${since} AND ${isMeant}
        ORDER BY p.user_key LIMIT ${limit + 1}) AS p JOIN users u ON u.key = p.user_key
      ORDER BY p.user_key`);
    const lastExamined = end === undefined ? null : String(end.user_key);
    const { items, next } = toScannedPage({ found: rows, lastExamined }, limit, ({ key }) => String(key));
    return { items: items.map(toUserUsage), next };
  }

  async #clients(keys: readonly number[]): Promise<Map<number, ClientInfo>> {
    if (keys.length === 0) return new Map();
    const rows = await this.database.query<ClientRow>(
      sql`
      SELECT key, client_id, client_name, disabled_by, password_grant_until FROM clients
      WHERE key IN (${join([...keys])})`,
      'administration',
    );
    return new Map(rows.map((row) => [Number(row.key), toInfo(row)]));
  }
}

type ClientInfo = Omit<ClientPasswordUsage, keyof ClientUsage>;

function toInfo(row: ClientRow): ClientInfo {
  return {
    clientId: row.client_id,
    clientName: row.client_name,
    enabled: row.disabled_by === null,
    passwordGrantUntil: row.password_grant_until,
  };
}

function toUserUsage(row: UserRow): UserPasswordUsage {
  return {
    sub: row.sub,
    username: row.username,
    logins: Number(row.logins),
    lastLoginAt: Number(row.last_at),
  };
}

/** A text in the order of the list. A client with a login between two pages moves to a page already read. */
function positionOf({ lastLoginAt, clientKey }: ClientUsage): string {
  const sinceThen = Number.MAX_SAFE_INTEGER - lastLoginAt;
  return [sinceThen, clientKey].map((number) => String(number).padStart(16, '0')).join(' ');
}
