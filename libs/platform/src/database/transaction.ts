import type { Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';

export type Row = Record<string, unknown>;

/** Reads rows: a transaction, or the database outside of one. */
export interface Reader {
  /** TypeORM's repositories and query builders. In a transaction they write too; outside of one they only read. */
  readonly manager: EntityManager;

  /** @returns the rows, which are not checked against the type */
  query<T = Row>(statement: Sql): Promise<T[]>;
}

/** The database at one point in time, unaffected by later writes. */
export interface Snapshot {
  /** Reads row by row, so that a table of any size fits into the memory. Only one read at a time. */
  rows<T = Row>(statement: Sql): AsyncIterable<T>;
}

/**
 * Statements that commit together or not at all; see `Database.transaction`. A failed statement fails the transaction
 * with its error, even if the error is caught.
 */
export interface Transaction extends Reader {
  /** Runs a statement and returns its result. Its `afterCommit` runs after the commit of the transaction. */
  run<T>(statement: Statement<T>): Promise<T>;

  /**
   * Serialises transactions that take a lock of the same name, until they commit. On PostgreSQL they wait without a
   * connection, and start again after the wait. So it should be the first statement of a transaction.
   */
  lock(name: string): Promise<void>;

  /**
   * Sends a message to every process that uses the database, if and when the transaction is committed. The listeners of
   * this process run before `Database.transaction` resolves.
   *
   * @param payload 7,900 bytes at most
   * @throws RangeError when it is longer
   */
  notify(payload: string): Promise<void>;

  /**
   * Runs `effect` once the transaction is durable, before `Database.transaction` resolves; not if the transaction is
   * rolled back. It must not throw.
   */
  afterCommit(effect: () => void): void;
}

/** A statement with the conversion of its result, for a transaction and for {@link Database.writeTogether}. */
export interface Statement<T = void> {
  readonly sql: Sql;
  /** Converts the rows of the statement to its result. */
  readonly result: (rows: Row[]) => T;
  /** Runs once the statement is durable. It must not throw. */
  readonly afterCommit?: (() => void) | undefined;
}

/** A statement without a result. */
export function statement(sql: Sql, afterCommit?: () => void): Statement {
  return { sql, result: () => undefined, afterCommit };
}
