import sql, { join, raw, type Sql } from 'sql-template-tag';
import type { Row } from './transaction.js';

/** Columns and their values; an `Sql` value is put in as an expression. Names come from code, never from input. */
export type ColumnValues = Row;

export function insertInto(table: string, values: ColumnValues): Sql {
  const columns = Object.keys(values).map((column) => raw(column));
  return sql`INSERT INTO ${raw(table)} (${join(columns)}) VALUES (${join(Object.values(values))})`;
}

/** The list of assignments of an UPDATE. */
export function assignments(values: ColumnValues): Sql {
  return join(Object.entries(values).map(([column, value]) => sql`${raw(column)} = ${value}`));
}
