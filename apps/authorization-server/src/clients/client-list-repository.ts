import { Inject, Injectable } from '@nestjs/common';
import type { GrantType } from '@latchkey/contracts';
import { Database, nameRange } from '@latchkey/platform/database';
import { type Examined, MAX_EXAMINED } from '@latchkey/platform/http';
import sql, { empty, join, raw, type Sql } from 'sql-template-tag';
import type { AuthorizationServerConfig, TokenLifetimes } from '../config/authorization-server-config.js';
import { CONFIG } from '../config/config.token.js';
import { ClientEntity } from './client.entity.js';
import { type StoredClient, toStoredClient } from './client.js';

export interface ClientFilter {
  /** The whole `client_name`. */
  readonly clientName?: string | undefined;
  /** Prefix of the `client_id`. */
  readonly prefix?: string | undefined;
  readonly grantType?: GrantType | undefined;
  /** A scope that it may request. */
  readonly scope?: string | undefined;
  readonly enabled?: boolean | undefined;
}

/** Reads clients for administrators. */
@Injectable()
export class ClientListRepository {
  readonly #defaults: TokenLifetimes;

  constructor(
    private readonly database: Database,
    @Inject(CONFIG) config: AuthorizationServerConfig,
  ) {
    this.#defaults = config.tokenLifetimes;
  }

  /** Without its secrets. */
  async find(clientId: string): Promise<StoredClient | null> {
    return (await this.#read(sql`WHERE client_id = ${clientId}`))[0] ?? null;
  }

  /**
   * In the order of `client_id`, after `after`; without secrets. No index covers scopes and states, so the number of
   * examined rows is limited instead.
   */
  async list(filter: ClientFilter, limit: number, after: string | null): Promise<Examined<StoredClient>> {
    const { byteOrder } = this.database;
    const [end] = await this.database.examine<{ client_id: string }>(sql`SELECT client_id FROM clients
      WHERE ${this.#range(filter, after, null)} ORDER BY client_id ${byteOrder} LIMIT 1 OFFSET ${MAX_EXAMINED - 1}`);
    const last = end?.client_id ?? null;
    const found = await this.#read(sql`WHERE ${this.#range(filter, after, last)} ${conditions(filter)}
      ORDER BY client_id ${byteOrder} LIMIT ${limit}`);
    return { found, lastExamined: last };
  }

  async #read(selection: Sql): Promise<StoredClient[]> {
    const rows = await this.database.examine(sql`SELECT * FROM clients ${selection}`);
    return rows.map((row) => toStoredClient(this.database.fromRow(ClientEntity, row), [], this.#defaults));
  }

  /** The conditions that the indexes of ids and of names serve. */
  #range({ prefix, clientName }: ClientFilter, after: string | null, last: string | null): Sql {
    const named = clientName === undefined ? empty : sql`AND client_name = ${clientName}`;
    return sql`${nameRange(sql`client_id ${this.database.byteOrder}`, { after, prefix, last })} ${named}`;
  }
}

function conditions({ grantType, scope, enabled }: ClientFilter): Sql {
  const found: Sql[] = [];
  if (enabled !== undefined) found.push(sql`AND (disabled_by IS NULL) = ${enabled}`);
  if (grantType !== undefined) found.push(sql`AND ${hasWord('grant_types', grantType)}`);
  if (scope !== undefined) found.push(sql`AND ${hasWord('scope', scope)}`);
  return found.length === 0 ? empty : join(found, ' ');
}

/** Whether a list that is stored as text contains a word. Not with LIKE, which ignores case on SQLite. */
function hasWord(column: string, word: string): Sql {
  const list = sql`' ' || ${raw(column)} || ' '`;
  return sql`replace(${list}, ${` ${word} `}, '') <> ${list}`;
}
