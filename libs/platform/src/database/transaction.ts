import type { Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';

export type Row = Record<string, unknown>;

/** What reads rows: a transaction, or the database outside of one. */
export interface Reader {
  /** TypeORM's repositories and query builders. In a transaction they write too; outside of one they only read. */
  readonly manager: EntityManager;

  /** @returns the rows, which are not checked against the type */
  query<T = Row>(statement: Sql): Promise<T[]>;
}

/**
 * Statements that commit together or not at all; see `Database.transaction`. A statement that fails ends the transaction: it
 * fails with that error, also when the error is caught.
 */
export interface Transaction extends Reader {
  /** Runs a statement, and returns its result. Its `afterCommit` is kept for then. */
  run<T>(statement: Statement<T>): Promise<T>;

  /**
   * Serialises transactions that take a lock of the same name, until they commit. On PostgreSQL they wait without a
   * connection, and begin again when they have waited: so it is best the first thing that they do.
   */
  lock(name: string): Promise<void>;

  /**
   * Sends a message to every process that uses the database, once the transaction is stored, and to none when it is not.
   * The listeners of this process run before `Database.transaction` resolves.
   *
   * @param payload 7,900 bytes at most
   * @throws RangeError when it is longer
   */
  notify(payload: string): Promise<void>;

  /**
   * Runs `effect` once the transaction is durable, before `Database.transaction` resolves, and not at all when it is
   * undone. It must not throw.
   */
  afterCommit(effect: () => void): void;
}

/** One statement, and what is made of it: for a transaction, and for {@link Database.writeTogether}. */
export interface Statement<T = void> {
  readonly sql: Sql;
  /** Makes the result of the rows that the statement returns. */
  readonly result: (rows: Row[]) => T;
  /** Runs once the statement is durable. It must not throw. */
  readonly afterCommit?: (() => void) | undefined;
}

/** A statement whose rows are of no interest. */
export function statement(sql: Sql, afterCommit?: () => void): Statement {
  return { sql, result: () => undefined, afterCommit };
}
