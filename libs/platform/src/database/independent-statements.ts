import sql, { join, raw, type Sql } from 'sql-template-tag';
import type { Statement, Transaction } from './transaction.js';

/** Statements that do not depend on each other, nor touch the same row; see `Database.writeTogether`. */
export type IndependentStatements<T> = readonly [...Statement<unknown>[], Statement<T>];

export function lastOf<T>(statements: IndependentStatements<T>): Statement<T> {
  return statements[statements.length - 1] as Statement<T>;
}

/**
 * Combines statements into one, which is atomic: all but the last become common table expressions, which PostgreSQL
 * always runs to completion.
 */
export function asOneStatement(statements: IndependentStatements<unknown>): Sql {
  const main = lastOf(statements).sql;
  const others = statements.slice(0, -1).map((part, index) => sql`${raw(`part_${index}`)} AS (${part.sql})`);
  return others.length === 0 ? main : sql`WITH ${join(others)} ${main}`;
}

/** Runs them one after the other, as a part of a transaction. @returns the result of the last one */
export async function runInOrder<T>(tx: Transaction, statements: IndependentStatements<T>): Promise<T> {
  for (const other of statements.slice(0, -1)) await tx.run(other);
  return tx.run(lastOf(statements));
}
