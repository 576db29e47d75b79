import { type Examined, MAX_EXAMINED } from '@latchkey/platform/http';
import { Injectable } from '@nestjs/common';
import { Database, idFromBytes, idToBytes, type Row } from '@latchkey/platform/database';
import sql, { join, type Sql } from 'sql-template-tag';
import type { Authorization } from './authorization.js';
import { type AuthorizationRow, toAuthorization } from './authorization-row.js';
import { type AuthorizationStateName, stateInSql } from './liveness.js';

/** An authorization as administrators see it, without anything that helps to make a token. */
export interface ListedAuthorization extends Pick<
  Authorization,
  'id' | 'scope' | 'audience' | 'address' | 'createdAt' | 'rotatedAt' | 'expiresAt' | 'revokedAt'
> {
  /** `null`: a client's own authorization, or the user was deleted. */
  readonly sub: string | null;
  readonly username: string | null;
  /** `null`: the client was deleted. */
  readonly clientId: string | null;
  /** Remaining refreshes; `null`: no limit. */
  readonly refreshesLeft: number | null;
  readonly state: AuthorizationStateName;
}

export interface AuthorizationFilter {
  /** A `sub`. */
  readonly sub?: string | undefined;
  readonly clientId?: string | undefined;
  readonly state?: AuthorizationStateName | undefined;
  /** Also authorizations of clients that act on their own behalf. */
  readonly withClientsOwn: boolean;
}

interface ListRow extends AuthorizationRow {
  sub: string | null;
  username: string | null;
  client_id: string | null;
  refresh_token_policy: string | null;
  refresh_token_max_uses: number | null;
  state: AuthorizationStateName;
}

@Injectable()
export class AuthorizationListRepository {
  constructor(private readonly database: Database) {}

  /** Newest first, with ids lower than `before`. */
  async list(
    filter: AuthorizationFilter,
    limit: number,
    before: string | null,
  ): Promise<Examined<ListedAuthorization>> {
    const end = await this.#endOfExamination(filter, before);
    const conditions = [
      ...(before === null ? [] : [sql`a.id < ${idToBytes(before)}`]),
      ...(end === null ? [] : [sql`a.id >= ${end}`]),
      ...this.#conditions(filter),
    ];
    const rows = await this.database.examine<ListRow>(
      sql`${this.#select(conditions)} ORDER BY a.id DESC LIMIT ${limit}`,
    );
    return { found: rows.map(toListed), lastExamined: end === null ? null : idFromBytes(end) };
  }

  async find(id: string): Promise<ListedAuthorization | null> {
    const [row] = await this.database.query<ListRow>(
      this.#select([sql`a.id = ${idToBytes(id)}`]),
      'administration',
    );
    return row === undefined ? null : toListed(row);
  }

  /** The id of the last row that one page examines; `null` when fewer rows are left. */
  async #endOfExamination({ sub }: AuthorizationFilter, before: string | null): Promise<Buffer | null> {
    const older = before === null ? sql`TRUE` : sql`a.id < ${idToBytes(before)}`;
    const [row] = await this.database.examine<{ id: Buffer }>(sql`SELECT a.id FROM authorizations a
      WHERE ${join([older, ...ofUser(sub)], ' AND ')} ORDER BY a.id DESC LIMIT 1 OFFSET ${MAX_EXAMINED - 1}`);
    return row?.id ?? null;
  }

  #conditions({ sub, clientId, state, withClientsOwn }: AuthorizationFilter): Sql[] {
    return [
      ...ofUser(sub),
      ...(clientId === undefined
        ? []
        : [sql`a.client_key = (SELECT key FROM clients WHERE client_id = ${clientId})`]),
      ...(state === undefined ? [] : [sql`${stateInSql(this.database.now)} = ${state}`]),
      ...(withClientsOwn ? [] : [sql`a.user_key IS NOT NULL`]),
    ];
  }

  #select(conditions: readonly Sql[]): Sql {
    const where = conditions.length === 0 ? sql`TRUE` : join([...conditions], ' AND ');
    return sql`SELECT a.*, u.sub, u.username, c.client_id, c.refresh_token_policy, c.refresh_token_max_uses,
        ${stateInSql(this.database.now)} AS state
      FROM authorizations a
      LEFT JOIN clients c ON c.key = a.client_key
      LEFT JOIN users u ON u.key = a.user_key
      WHERE ${where}`;
  }
}

/** A condition that an index serves. */
function ofUser(sub: string | undefined): Sql[] {
  return sub === undefined ? [] : [sql`a.user_key = (SELECT key FROM users WHERE sub = ${sub})`];
}

function toListed(row: ListRow): ListedAuthorization {
  const { id, scope, audience, address, createdAt, rotatedAt, expiresAt, revokedAt } = toAuthorization(row);
  return {
    id,
    scope,
    audience,
    address,
    createdAt,
    rotatedAt,
    expiresAt,
    revokedAt,
    sub: row.sub,
    username: row.username,
    clientId: row.client_id,
    refreshesLeft: refreshesLeft(row),
    state: row.state,
  };
}

function refreshesLeft(row: ListRow & Row): number | null {
  const { seed, generation, refresh_token_policy: policy, refresh_token_max_uses: maximum } = row;
  if (seed === null || policy === null || policy === 'none') return 0;
  return maximum === null ? null : Math.max(0, maximum - generation);
}
