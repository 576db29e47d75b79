import type { DataSource, EntitySchema, MigrationInterface } from 'typeorm';
import type { Sql } from 'sql-template-tag';

export type Dialect = 'sqlite' | 'postgres';

export type Row = Record<string, unknown>;

/**
 * Part of a unit of work: a generator that yields a statement and gets its rows back. Repositories return steps for
 * their writes, and services put them together with `yield*`.
 */
export type Step<T> = Generator<Sql, T, Row[]>;

/**
 * Several statements that commit together or not at all. One body serves both databases. It may run more than once
 * (PostgreSQL: a deadlock is tried again), so it must not have effects of its own, and on SQLite it runs within one
 * turn of the event loop, so it cannot await. A statement that fails ends the unit of work; there is no catching it.
 */
export type UnitOfWork<T> = () => Step<T>;

/** What a server knows of its database: the same calls and the same SQL on SQLite and on PostgreSQL. */
export abstract class Database {
  abstract readonly dialect: Dialect;

  /** Milliseconds since the epoch by the database's clock, as an SQL expression: one clock for all replicas. */
  abstract readonly now: Sql;

  /** For TypeORM's repositories and query builders: reads only. All writes go through {@link Database.write}. */
  abstract readonly dataSource: DataSource;

  /** Reads committed rows. */
  abstract query<T = Row>(statement: Sql): Promise<T[]>;

  /**
   * Runs a unit of work and resolves once it is durable.
   *
   * @throws StorageUnavailableError when it could not be made durable. Nothing of it is then stored, unless a PostgreSQL
   * connection broke while it committed: then nobody can know
   */
  abstract write<T>(work: UnitOfWork<T>): Promise<T>;

  /** Serialises units of work that call it under the same name, until they commit. */
  abstract lock(name: string): Step<void>;

  /** @throws when the database does not answer within a second */
  abstract ping(): Promise<void>;

  abstract close(): Promise<void>;

  /** A single writing statement; its `RETURNING` rows. */
  execute<T = Row>(statement: Sql): Promise<T[]> {
    return this.write(function* () {
      const rows: Row[] = yield statement;
      return rows as T[];
    });
  }
}

/** The tables of one application. Entities differ by dialect in column types only. */
export interface DatabaseSchema {
  /** Which migrations have run; each application has its own, so that two can share a database. */
  migrationsTable: string;
  entities(dialect: Dialect): EntitySchema[];
  migrations: (new () => MigrationInterface)[];
}
