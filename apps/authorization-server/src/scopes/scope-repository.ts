import { Injectable } from '@nestjs/common';
import { Database, nameRange, type Transaction, withDistinctValues } from '@latchkey/platform/database';
import sql, { raw, type Sql } from 'sql-template-tag';
import { ChangePublisher } from '../changes/change-publisher.js';
import { ScopeEntity } from './scope.entity.js';

export type Scope = Pick<ScopeEntity, 'name' | 'description'>;

/** Maximum number of clients, and of users, that are listed. */
const MAX_NAMED = 100;

export interface ScopeUses {
  /** The clients that may request it. */
  readonly clientIds: readonly string[];
  /** The users whose limit contains it. */
  readonly usernames: readonly string[];
}

@Injectable()
export class ScopeRepository {
  constructor(
    private readonly database: Database,
    private readonly changes: ChangePublisher,
  ) {}

  /** In the order of names, after `after`. */
  list(prefix: string, limit: number, after: string | null): Promise<Scope[]> {
    const { byteOrder } = this.database;
    // Byte order, which is not the database's default.
    return this.database.query<Scope>(
      sql`SELECT name, description FROM scopes
      WHERE ${nameRange(sql`name ${byteOrder}`, { after, prefix })}
      ORDER BY name ${byteOrder} LIMIT ${limit}`,
      'administration',
    );
  }

  find(name: string): Promise<Scope | null> {
    return this.database.reader('administration').manager.findOneBy(ScopeEntity, { name });
  }

  /** Until the transaction commits, no other one adds or deletes a scope. */
  lock(tx: Transaction): Promise<void> {
    return tx.lock('scopes');
  }

  /** Every scope, after {@link lock}. */
  async lockAndList(tx: Transaction): Promise<Scope[]> {
    await this.lock(tx);
    // There may be thousands, which TypeORM converts slowly.
    return await tx.query<Scope>(sql`SELECT name, description FROM scopes ORDER BY name`);
  }

  async insert(tx: Transaction, { name, description }: Scope): Promise<void> {
    await tx.manager.insert(ScopeEntity, { name, description, createdAt: () => this.database.now.sql });
    await this.changes.scopesChanged(tx);
  }

  async delete(tx: Transaction, name: string): Promise<void> {
    await tx.manager.delete(ScopeEntity, { name });
    await this.changes.scopesChanged(tx);
  }

  /** The clients and users that have the scope; at most {@link MAX_NAMED} of each. */
  async listUses(tx: Transaction, name: string): Promise<ScopeUses> {
    return {
      clientIds: await this.#namesWith(tx, name, 'clients', 'scope', 'client_id'),
      usernames: await this.#namesWith(tx, name, 'users', 'allowed_scope', 'username'),
    };
  }

  async #namesWith(
    tx: Transaction,
    scope: string,
    table: string,
    column: string,
    named: string,
  ): Promise<string[]> {
    const texts = await tx.query<{ text: string }>(
      this.database.dialect === 'sqlite'
        ? sql`${withDistinctValues(table, column)} SELECT value AS text FROM distinct_values WHERE value IS NOT NULL`
        : textsLike(table, column, scope),
    );
    const names: string[] = [];
    for (const { text } of texts) {
      if (!text.split(' ').includes(scope)) continue;
      const rows = await tx.query<{ name: string }>(sql`SELECT ${raw(named)} AS name FROM ${raw(table)}
        WHERE ${raw(column)} = ${text} LIMIT ${MAX_NAMED - names.length}`);
      names.push(...rows.map((row) => row.name));
      if (names.length === MAX_NAMED) break;
    }
    return names.sort();
  }

  async describe(tx: Transaction, { name, description }: Scope): Promise<void> {
    await tx.manager.update(ScopeEntity, { name }, { description });
  }
}

/** A pattern that limits the search; `_` and `%` may be part of a name. */
function textsLike(table: string, column: string, scope: string): Sql {
  const pattern = `%${scope.replace(/[!%_]/g, '!$&')}%`;
  return sql`SELECT DISTINCT ${raw(column)} AS text FROM ${raw(table)} WHERE ${raw(column)} LIKE ${pattern} ESCAPE '!'`;
}
