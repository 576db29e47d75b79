import { Injectable } from '@nestjs/common';
import { Database, insertInto, nameRange, type Row, type Step } from '@latchkey/platform';
import sql from 'sql-template-tag';
import { ChangeLog } from '../changes/change-log.js';

export interface Scope {
  readonly name: string;
  readonly description: string;
}

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
  /** Who would have a scope that does not exist, were it deleted. */
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
    // Narrows the search; `_` and `%` may be part of a name, and SQLite takes upper for lower case.
    const pattern = `%${name.replace(/[!%_]/g, '!$&')}%`;
    const clients = yield sql`SELECT client_id, scope FROM clients
      WHERE scope LIKE ${pattern} ESCAPE '!' ORDER BY client_id`;
    const users = yield sql`SELECT username, allowed_scope AS scope FROM users
      WHERE allowed_scope LIKE ${pattern} ESCAPE '!' ORDER BY username`;
    const has = (row: Row) => (row.scope as string).split(' ').includes(name);
    return {
      clientIds: clients.filter(has).map((row) => row.client_id as string),
      usernames: users.filter(has).map((row) => row.username as string),
    };
  }

  override *describe({ name, description }: Scope): Step<void> {
    yield sql`UPDATE scopes SET description = ${description} WHERE name = ${name}`;
  }
}
