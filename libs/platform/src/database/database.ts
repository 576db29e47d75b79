import type { DataSource, EntityManager, MigrationInterface } from 'typeorm';
import type { Sql } from 'sql-template-tag';
import type { Notifications } from '../notifications/notifications.js';
import type { IndependentStatements } from './independent-statements.js';
import type { WorkClass } from './pool-gate.js';
import type { Snapshot } from './snapshot.js';
import { isStorageUnavailable } from './storage-unavailable.js';
import type { Reader, Row, Transaction } from './transaction.js';
import type { TurnRefusal } from './turns.js';

export type Dialect = 'sqlite' | 'postgres';

/** What a database tells of itself while it is used; see {@link Database.observer}. Times in seconds. */
export interface DatabaseObserver {
  /** A statement that reads, waiting for a connection included. */
  read(duration: number, succeeded: boolean): void;
  /** A unit of work, waiting and the commit included. */
  wrote(duration: number, succeeded: boolean): void;
  /** SQLite: this many units of work shared one commit. */
  committed(units: number): void;
  /** PostgreSQL: work was refused because it waited too long, or too much waited, for a connection or a lock. */
  refused(queue: WorkClass | 'locks', reason: TurnRefusal): void;
}

/** Connections of a PostgreSQL pool, and who waits for one. */
export interface PoolUse {
  readonly inUse: number;
  readonly idle: number;
  /** By what they are used for. */
  readonly work: Readonly<Record<WorkClass, { readonly running: number; readonly waiting: number }>>;
  /** Units of work that wait for a lock, without a connection. */
  readonly waitingForLocks: number;
}

/** What a server knows of its database: the same calls and the same SQL on SQLite and on PostgreSQL. */
export abstract class Database implements Reader {
  abstract readonly dialect: Dialect;

  /** Milliseconds since the epoch by the database's clock, as an SQL expression: one clock for all replicas. */
  abstract readonly now: Sql;

  abstract readonly dataSource: DataSource;

  /** The collation of a column in `ORDER BY`, so that both databases and all locales have one order: that of bytes. */
  abstract readonly byteOrder: Sql;

  /** The end of a `SELECT` in a transaction: no other one changes these rows until it has committed. */
  abstract readonly forUpdate: Sql;

  /** What units of work of all processes notify. It has to be started before anything that rests on it is read. */
  abstract readonly notifications: Notifications;

  /** Told of everything from now on, where there is one. */
  observer: DatabaseObserver | null = null;

  /** `null` where there is no pool. */
  abstract readonly poolUse: PoolUse | null;

  /** Reads committed rows. @param work whose share of the connections it uses */
  abstract query<T = Row>(statement: Sql, work?: WorkClass): Promise<T[]>;

  /** For what reads in a transaction or without one. @param work as with {@link query} */
  abstract reader(work: WorkClass): Reader;

  get manager(): EntityManager {
    return this.reader('requests').manager;
  }

  /** Makes an entity of a row that SQL of ours has read, as TypeORM does of its own. */
  fromRow<T extends object>(entity: new () => T, row: Row): T {
    const { driver } = this.dataSource;
    const made = new entity();
    for (const column of this.dataSource.getMetadata(entity).columns) {
      column.setEntityValue(made, driver.prepareHydratedValue(row[column.databaseName], column));
    }
    return made;
  }

  /** The columns of values, for SQL of ours. */
  toRow<T extends object>(entity: new () => T, values: Partial<T>): Row {
    const { driver } = this.dataSource;
    const columns = this.dataSource
      .getMetadata(entity)
      .columns.filter(({ propertyName }) => propertyName in values);
    return Object.fromEntries(
      columns.map((column) => [
        column.databaseName,
        driver.preparePersistentValue(column.getEntityValue(values as T), column),
      ]),
    );
  }

  /**
   * A read that examines many rows, as a rule for an administrator. On SQLite these reads run one at a time, and the event loop
   * rests after each for as long as the read took: together they have half of it at most.
   */
  examine<T = Row>(statement: Sql, work: WorkClass = 'administration'): Promise<T[]> {
    return this.query(statement, work);
  }

  /** Reads that see the database as it was at one moment, as long as they take. */
  abstract snapshot<T>(read: (snapshot: Snapshot) => Promise<T>): Promise<T>;

  /**
   * Runs a transaction and resolves once it is durable, with what `work` returns. When `work` throws, nothing is stored.
   *
   * It may run more than once (PostgreSQL: after a conflict, or when it had to wait for a lock), so it must have no effects
   * but by `tx`. It may await nothing but `tx`: everybody who writes waits for it.
   *
   * @param workClass whose share of the connections it uses
   * @throws what `work` throws; the error of a statement that failed, even if `work` caught it
   * @throws ForeignAwaitError when `work` awaits anything else; nothing is stored then
   * @throws StorageUnavailableError when it could not be made durable. Nothing of it is then stored, unless a PostgreSQL
   * connection broke while it committed: then nobody can know
   */
  abstract transaction<T>(work: (tx: Transaction) => Promise<T>, workClass?: WorkClass): Promise<T>;

  /**
   * Commits several statements: in one round trip on PostgreSQL, without a transaction around them. They must not depend on
   * one another, nor touch the same row.
   *
   * @returns the result of the last one
   * @throws as {@link transaction}
   */
  abstract writeTogether<T>(statements: IndependentStatements<T>): Promise<T>;

  /** @throws when the database does not answer within a second */
  abstract ping(): Promise<void>;

  abstract close(): Promise<void>;

  /** Does something and tells the observer how it ended. Only an outage is a failure: a refusal is an answer. */
  protected async observed<T>(event: 'read' | 'wrote', act: () => Promise<T>): Promise<T> {
    const { observer } = this;
    if (observer === null) return act();
    const start = performance.now();
    let succeeded = true;
    try {
      return await act();
    } catch (error) {
      succeeded = !isStorageUnavailable(error);
      throw error;
    } finally {
      observer[event]((performance.now() - start) / 1000, succeeded);
    }
  }

  /** A single writing statement; its `RETURNING` rows. */
  abstract execute<T = Row>(statement: Sql, work?: WorkClass): Promise<T[]>;
}

/** The tables of one application. */
export interface DatabaseSchema {
  /** Which migrations have run; each application has its own, so that two can share a database. */
  migrationsTable: string;
  entities: (new () => object)[];
  migrations: (new () => MigrationInterface)[];
}
