import type BetterSqlite3 from 'better-sqlite3';
import sql, { type Sql } from 'sql-template-tag';
import type { DataSource } from 'typeorm';
import { Database, type Step, type UnitOfWork } from './database.js';
import type { SqliteLock } from './sqlite-lock.js';
import { SqliteStatements } from './sqlite-statements.js';
import { SqliteWriter } from './sqlite-writer.js';

export class SqliteDatabase extends Database {
  readonly dialect = 'sqlite';
  readonly now = sql`CAST(round(unixepoch('subsec') * 1000) AS INTEGER)`;

  readonly #statements: SqliteStatements;
  readonly #writer: SqliteWriter;

  constructor(
    readonly dataSource: DataSource,
    connection: BetterSqlite3.Database,
    private readonly processLock: SqliteLock,
  ) {
    super();
    this.#statements = new SqliteStatements(connection);
    this.#writer = new SqliteWriter(connection, this.#statements);
  }

  async query<T>(statement: Sql): Promise<T[]> {
    return this.#statements.run(statement) as T[];
  }

  write<T>(work: UnitOfWork<T>): Promise<T> {
    return this.#writer.write(work);
  }

  /** Units of work never overlap here. */
  *lock(): Step<void> {
    // Nothing to do.
  }

  async ping(): Promise<void> {
    this.#statements.run(sql`SELECT 1 FROM sqlite_master LIMIT 1`);
  }

  async close(): Promise<void> {
    this.#writer.flush();
    await this.dataSource.destroy();
    this.processLock.release();
  }
}
