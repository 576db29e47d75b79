import sql, { raw, type Sql } from 'sql-template-tag';

/**
 * Begins a statement that reads the different values of a column, as `distinct_values (value)`, ending with a null. Steps from
 * each value to the next one in the index of the column, because many rows have few of them.
 *
 * @param table, column names of ours, never of a request
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
