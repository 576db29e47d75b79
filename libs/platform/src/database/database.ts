import type { DataSource, EntityManager, MigrationInterface } from 'typeorm';
import type { Sql } from 'sql-template-tag';
import type { Notifications } from '../notifications/notifications.js';
import type { IndependentStatements } from './independent-statements.js';
import type { WorkClass } from './pool-gate.js';
import { isStorageUnavailable } from './storage-unavailable.js';
import type { Reader, Row, Snapshot, Transaction } from './transaction.js';
import type { TurnRefusal } from './turns.js';

type Dialect = 'sqlite' | 'postgres';

/** Receives measurements of a database in use; see {@link Database.observer}. Times in seconds. */
export interface DatabaseObserver {
  /** A reading statement, with the wait for a connection. */
  read(duration: number, succeeded: boolean): void;
  /** A transaction, with its waits and the commit. */
  wrote(duration: number, succeeded: boolean): void;
  /** SQLite: number of transactions that shared one commit. */
  committed(units: number): void;
  /** PostgreSQL: work was refused after waiting too long for a connection or a lock, or because too much waited. */
  refused(queue: WorkClass | 'locks', reason: TurnRefusal): void;
}

/** Connections of a PostgreSQL pool, and the work that waits for one. */
export interface PoolUse {
  readonly inUse: number;
  readonly idle: number;
  /** By class of work. */
  readonly work: Readonly<Record<WorkClass, { readonly running: number; readonly waiting: number }>>;
  /** Transactions that wait for a lock, without a connection. */
  readonly waitingForLocks: number;
}

/** The database of a server, with the same calls and the same SQL on SQLite and PostgreSQL. */
export abstract class Database implements Reader {
  abstract readonly dialect: Dialect;

  /** Milliseconds since the epoch by the database's clock, which all replicas share, as an SQL expression. */
  abstract readonly now: Sql;

  abstract readonly dataSource: DataSource;

  /** The collation of a column in `ORDER BY` for byte order, which is the same on both databases and in all locales. */
  abstract readonly byteOrder: Sql;

  /** The end of a `SELECT` in a transaction that locks its rows against changes until the commit. */
  abstract readonly forUpdate: Sql;

  /** Notifications from transactions of all processes. Start it before reading anything that depends on it. */
  abstract readonly notifications: Notifications;

  /** Receives all measurements from now on. */
  observer: DatabaseObserver | null = null;

  /** `null` where there is no pool. */
  abstract readonly poolUse: PoolUse | null;

  /** Reads committed rows. @param work the class of work whose connections it uses */
  abstract query<T = Row>(statement: Sql, work?: WorkClass): Promise<T[]>;

  /** A reader for functions that work with and without a transaction. @param work as with {@link query} */
  abstract reader(work: WorkClass): Reader;

  get manager(): EntityManager {
    return this.reader('requests').manager;
  }

  /** Converts a row of our own SQL to an entity, as TypeORM does with its own rows. */
  fromRow<T extends object>(entity: new () => T, row: Row): T {
    const { driver } = this.dataSource;
    const made = new entity();
    for (const column of this.dataSource.getMetadata(entity).columns) {
      column.setEntityValue(made, driver.prepareHydratedValue(row[column.databaseName], column));
    }
    return made;
  }

  /** Converts values to columns for our own SQL. */
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
   * A read that examines many rows, usually for an administrator. On SQLite these reads run one at a time, and after
   * each one there is a pause as long as the read: together they take at most half of the event loop's time.
   */
  examine<T = Row>(statement: Sql, work: WorkClass = 'administration'): Promise<T[]> {
    return this.query(statement, work);
  }

  /** Reads from one snapshot of the database, however long they take. */
  abstract snapshot<T>(read: (snapshot: Snapshot) => Promise<T>): Promise<T>;

  /**
   * Runs a transaction and resolves once it is durable, with the result of `work`. When `work` throws, nothing is
   * stored.
   *
   * `work` may run more than once (PostgreSQL: after a conflict, or after waiting for a lock), so it must have no
   * effects except through `tx`. It must await nothing but `tx`, because all other writers wait for it.
   *
   * @param workClass the class of work whose connections it uses
   * @throws what `work` throws; the error of a statement that failed, even if `work` caught it
   * @throws ForeignAwaitError when `work` awaits anything else; nothing is stored then
   * @throws StorageUnavailableError when it could not be made durable. Then nothing is stored, unless a PostgreSQL
   *   connection broke during the commit: then the outcome is unknown
   */
  abstract transaction<T>(work: (tx: Transaction) => Promise<T>, workClass?: WorkClass): Promise<T>;

  /**
   * Commits several statements: in one round trip on PostgreSQL, without an explicit transaction. They must not depend
   * on each other, nor touch the same row.
   *
   * @returns the result of the last one
   * @throws as {@link transaction}
   */
  abstract writeTogether<T>(statements: IndependentStatements<T>): Promise<T>;

  /** @throws when the database does not answer within a second */
  abstract ping(): Promise<void>;

  abstract close(): Promise<void>;

  /** Runs an operation and reports it to the observer. Only an outage is a failure; other errors are results. */
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
  /** The table of executed migrations. Each application has its own, so that two applications can share a database. */
  migrationsTable: string;
  entities: (new () => object)[];
  migrations: (new () => MigrationInterface)[];
}
