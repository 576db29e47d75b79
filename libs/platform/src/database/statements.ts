import sql, { join, raw, type Sql } from 'sql-template-tag';
import type { Row } from './transaction.js';

/** Columns and their values; an `Sql` value is inserted as an expression. Names come from code, never from input. */
type ColumnValues = Row;

export function insertInto(table: string, ...rows: [ColumnValues, ...ColumnValues[]]): Sql {
  // All rows have the same columns as the first one.
  const columns = Object.keys(rows[0]);
  const values = rows.map((row) => sql`(${join(columns.map((column) => row[column]))})`);
  return sql`INSERT INTO ${raw(table)} (${join(columns.map((column) => raw(column)))}) VALUES ${join(values)}`;
}

/** The list of assignments of an UPDATE. */
export function assignments(values: ColumnValues): Sql {
  return join(Object.entries(values).map(([column, value]) => sql`${raw(column)} = ${value}`));
}
