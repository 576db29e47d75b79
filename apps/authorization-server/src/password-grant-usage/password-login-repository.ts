import { Injectable } from '@nestjs/common';
import { Database, type Step } from '@latchkey/platform';
import sql from 'sql-template-tag';
import {
  PasswordGrantUsage,
  type ClientPasswordUsage,
  type UsageFilter,
  type UserPasswordUsage,
} from './password-grant-usage.js';

/** PostgreSQL's driver gives sums and counts as text, because they may outgrow a number of JavaScript. */
interface ClientRow {
  client_id: string;
  client_name: string;
  disabled_by: string | null;
  password_grant_until: string | null;
  users: number | string;
  logins: number | string;
  last_at: number | string;
}

interface UserRow {
  sub: string;
  username: string;
  logins: number | string;
  last_at: number | string;
}

/**
 * One row per user and client, written by each login with a password. A row per client would be simpler to read, and all
 * logins of a client would wait for one another to write it.
 */
@Injectable()
export class PasswordLoginRepository extends PasswordGrantUsage {
  constructor(private readonly database: Database) {
    super();
  }

  /** Counts a login. */
  *count(userKey: number, clientKey: number): Step<void> {
    const { now } = this.database;
    yield sql`INSERT INTO password_logins (user_key, client_key, logins, last_at)
      VALUES (${userKey}, ${clientKey}, 1, ${now})
      ON CONFLICT (user_key, client_key) DO UPDATE SET
        logins = password_logins.logins + 1, last_at = excluded.last_at`;
  }

  override async clients({ since = 0 }: UsageFilter = {}): Promise<ClientPasswordUsage[]> {
    const rows = await this.database.query<ClientRow>(sql`
      SELECT c.client_id, c.client_name, c.disabled_by, c.password_grant_until,
        count(*) AS users, sum(p.logins) AS logins, max(p.last_at) AS last_at
      FROM password_logins p
      JOIN clients c ON c.key = p.client_key
      JOIN users u ON u.key = p.user_key
      WHERE p.last_at >= ${since}
      GROUP BY c.key, c.client_id, c.client_name, c.disabled_by, c.password_grant_until
      ORDER BY max(p.last_at) DESC, c.client_id ${this.database.byteOrder}`);
    return rows.map((row) => ({
      clientId: row.client_id,
      clientName: row.client_name,
      enabled: row.disabled_by === null,
      passwordGrantUntil: row.password_grant_until,
      users: Number(row.users),
      logins: Number(row.logins),
      lastLoginAt: Number(row.last_at),
    }));
  }

  override async users(
    clientId: string,
    { limit, after }: { readonly limit: number; readonly after: string | null },
    { since = 0 }: UsageFilter = {},
  ): Promise<UserPasswordUsage[]> {
    const { byteOrder } = this.database;
    const rows = await this.database.query<UserRow>(sql`
      SELECT u.sub, u.username, p.logins, p.last_at
      FROM clients c
      JOIN password_logins p ON p.client_key = c.key
      JOIN users u ON u.key = p.user_key
      WHERE c.client_id = ${clientId} AND p.last_at >= ${since}
        AND u.sub ${byteOrder} > ${after ?? ''}
      ORDER BY u.sub ${byteOrder} LIMIT ${limit}`);
    return rows.map((row) => ({
      sub: row.sub,
      username: row.username,
      logins: Number(row.logins),
      lastLoginAt: Number(row.last_at),
    }));
  }
}
