import sql, { raw, type Sql } from 'sql-template-tag';

/**
 * The beginning of a statement that reads the distinct values of a column, as `distinct_values (value)`, with a final
 * null. It steps from each value to the next one in the index of the column, because there are many rows and few
 * values.
 *
 * @param table, column names from our code, never from a request
 */
export function withDistinctValues(table: string, column: string): Sql {
  const [rows, value] = [raw(table), raw(column)];
  return sql`WITH RECURSIVE distinct_values (value) AS (
      SELECT MIN(${value}) FROM ${rows}
      UNION ALL
      SELECT (SELECT MIN(${value}) FROM ${rows} WHERE ${value} > distinct_values.value)
      FROM distinct_values WHERE distinct_values.value IS NOT NULL
    )`;
}
