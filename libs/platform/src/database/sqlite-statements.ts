import type BetterSqlite3 from 'better-sqlite3';
import type { Sql } from 'sql-template-tag';
import type { StatementResult } from './entity-manager.js';
import type { Row } from './transaction.js';

const MAX_PREPARED = 500;

/** Prepares each statement once and runs it on the connection that TypeORM opened. */
export class SqliteStatements {
  readonly #prepared = new Map<string, BetterSqlite3.Statement>();

  constructor(private readonly connection: BetterSqlite3.Database) {}

  run(statement: Sql): Row[] {
    const prepared = this.#prepare(statement.sql);
    const values = statement.values.map(bindable);
    if (prepared.reader) return prepared.all(...values) as Row[];
    prepared.run(...values);
    return [];
  }

  /** For TypeORM. */
  execute(text: string, values: readonly unknown[]): StatementResult {
    const prepared = this.#prepare(text);
    const bound = values.map(bindable);
    if (prepared.reader) {
      const records = prepared.all(...bound);
      return { raw: records, records };
    }
    const { lastInsertRowid: raw, changes: affected } = prepared.run(...bound);
    return { raw, affected };
  }

  #prepare(text: string): BetterSqlite3.Statement {
    const known = this.#prepared.get(text);
    if (known) return known;
    const prepared = this.connection.prepare(text);
    if (this.#prepared.size >= MAX_PREPARED) this.#prepared.clear();
    this.#prepared.set(text, prepared);
    return prepared;
  }
}

/** SQLite has no booleans. */
function bindable(value: unknown): unknown {
  return typeof value === 'boolean' ? Number(value) : value;
}
