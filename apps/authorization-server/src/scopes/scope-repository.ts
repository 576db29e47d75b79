import { Injectable } from '@nestjs/common';
import { Database, insertInto, nameRange, withDistinctValues, type Step } from '@latchkey/platform';
import sql, { raw, type Sql } from 'sql-template-tag';
import { ChangeLog } from '../changes/change-log.js';

export interface Scope {
  readonly name: string;
  readonly description: string;
}

/** Clients, and users, that are named at most. */
const MAX_NAMED = 100;

export interface ScopeUses {
  /** The clients that may ask for it. */
  readonly clientIds: readonly string[];
  /** The users whose limit names it. */
  readonly usernames: readonly string[];
}

export abstract class ScopeRepository {
  /** In the order of names, after `after`. */
  abstract list(prefix: string, limit: number, after: string | null): Promise<Scope[]>;
  abstract find(name: string): Promise<Scope | null>;
  /** Until the unit of work commits, no scope is added or deleted by another one. */
  abstract lock(): Step<void>;
  /** Every scope, after {@link lock}. */
  abstract lockAndList(): Step<Scope[]>;
  abstract insert(scope: Scope): Step<void>;
  abstract describe(scope: Scope): Step<void>;
  abstract delete(name: string): Step<void>;
  /** Who would have a scope that does not exist, were it deleted; {@link MAX_NAMED} of each kind at most. */
  abstract listUses(name: string): Step<ScopeUses>;
}

@Injectable()
export class SqlScopeRepository extends ScopeRepository {
  constructor(
    private readonly database: Database,
    private readonly changes: ChangeLog,
  ) {
    super();
  }

  override list(prefix: string, limit: number, after: string | null): Promise<Scope[]> {
    const { byteOrder } = this.database;
    return this.database.query<Scope>(
      sql`SELECT name, description FROM scopes
      WHERE ${nameRange(sql`name ${byteOrder}`, { after, prefix })}
      ORDER BY name ${byteOrder} LIMIT ${limit}`,
      'administration',
    );
  }

  override async find(name: string): Promise<Scope | null> {
    const [scope] = await this.database.query<Scope>(
      sql`SELECT name, description FROM scopes WHERE name = ${name}`,
      'administration',
    );
    return scope ?? null;
  }

  override lock(): Step<void> {
    return this.database.lock('scopes');
  }

  override *lockAndList(): Step<Scope[]> {
    yield* this.lock();
    return (yield sql`SELECT name, description FROM scopes ORDER BY name`) as unknown as Scope[];
  }

  override *insert(scope: Scope): Step<void> {
    yield insertInto('scopes', { ...scope, created_at: this.database.now });
    yield* this.changes.scopesChanged();
  }

  override *delete(name: string): Step<void> {
    yield sql`DELETE FROM scopes WHERE name = ${name}`;
    yield* this.changes.scopesChanged();
  }

  override *listUses(name: string): Step<ScopeUses> {
    return {
      clientIds: yield* this.#namesWith(name, 'clients', 'scope', 'client_id'),
      usernames: yield* this.#namesWith(name, 'users', 'allowed_scope', 'username'),
    };
  }

  *#namesWith(scope: string, table: string, column: string, named: string): Step<string[]> {
    const texts = yield this.database.dialect === 'sqlite'
      ? sql`${withDistinctValues(table, column)} SELECT value AS text FROM distinct_values WHERE value IS NOT NULL`
      : textsLike(table, column, scope);
    const names: string[] = [];
    for (const { text } of texts as unknown as { text: string }[]) {
      if (!text.split(' ').includes(scope)) continue;
      const rows = yield sql`SELECT ${raw(named)} AS name FROM ${raw(table)}
        WHERE ${raw(column)} = ${text} LIMIT ${MAX_NAMED - names.length}`;
      names.push(...rows.map((row) => row.name as string));
      if (names.length === MAX_NAMED) break;
    }
    return names.sort();
  }

  override *describe({ name, description }: Scope): Step<void> {
    yield sql`UPDATE scopes SET description = ${description} WHERE name = ${name}`;
  }
}

/** Narrows the search; `_` and `%` may be part of a name. */
function textsLike(table: string, column: string, scope: string): Sql {
  const pattern = `%${scope.replace(/[!%_]/g, '!$&')}%`;
  return sql`SELECT DISTINCT ${raw(column)} AS text FROM ${raw(table)} WHERE ${raw(column)} LIKE ${pattern} ESCAPE '!'`;
}
