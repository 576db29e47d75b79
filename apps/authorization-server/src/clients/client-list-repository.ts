import { Injectable } from '@nestjs/common';
import type { GrantType } from '@latchkey/contracts';
import { Database } from '@latchkey/platform';
import sql, { empty, join, raw, type Sql } from 'sql-template-tag';
import type { TokenLifetimes } from '../config/authorization-server-config.js';
import type { StoredClient } from './client-repository.js';
import { toStoredClient, type ClientRow } from './client-row.js';

export interface ClientFilter {
  /** How the `client_id` begins. */
  readonly prefix?: string | undefined;
  readonly grantType?: GrantType | undefined;
  /** A scope that it may ask for. */
  readonly scope?: string | undefined;
  readonly enabled?: boolean | undefined;
}

/** Reads clients for those who administer them. */
export abstract class ClientListRepository {
  /** Without its secrets. */
  abstract find(clientId: string): Promise<StoredClient | null>;
  /** In the order of `client_id`, after `after`; without their secrets. */
  abstract list(filter: ClientFilter, limit: number, after: string | null): Promise<StoredClient[]>;
}

@Injectable()
export class SqlClientListRepository extends ClientListRepository {
  constructor(
    private readonly database: Database,
    private readonly defaults: TokenLifetimes,
  ) {
    super();
  }

  override async find(clientId: string): Promise<StoredClient | null> {
    return (await this.#read(sql`WHERE client_id = ${clientId}`))[0] ?? null;
  }

  override list(filter: ClientFilter, limit: number, after: string | null): Promise<StoredClient[]> {
    const { byteOrder } = this.database;
    return this.#read(sql`WHERE client_id ${byteOrder} > ${after ?? ''} ${this.#condition(filter)}
      ORDER BY client_id ${byteOrder} LIMIT ${limit}`);
  }

  async #read(selection: Sql): Promise<StoredClient[]> {
    const rows = await this.database.query<ClientRow>(sql`
      SELECT c.*, NULL AS secret_id, NULL AS secret_hash, NULL AS secret_expires_at FROM clients c ${selection}`);
    return rows.map((row) => toStoredClient([row], this.defaults));
  }

  #condition({ prefix, grantType, scope, enabled }: ClientFilter): Sql {
    const { byteOrder } = this.database;
    const conditions: Sql[] = [];
    if (prefix !== undefined) {
      // Identifiers are ASCII: none of their characters comes after this one.
      const end = `${prefix}\x7f`;
      conditions.push(sql`AND client_id ${byteOrder} >= ${prefix} AND client_id ${byteOrder} < ${end}`);
    }
    if (enabled !== undefined) conditions.push(sql`AND (disabled_by IS NULL) = ${enabled}`);
    if (grantType !== undefined) conditions.push(sql`AND ${hasWord('grant_types', grantType)}`);
    if (scope !== undefined) conditions.push(sql`AND ${hasWord('scope', scope)}`);
    return conditions.length === 0 ? empty : join(conditions, ' ');
  }
}

/** Whether a list that is stored as text has a word. Not by LIKE: for SQLite it takes upper for lower case. */
function hasWord(column: string, word: string): Sql {
  const list = sql`' ' || ${raw(column)} || ' '`;
  return sql`replace(${list}, ${` ${word} `}, '') <> ${list}`;
}
