import type { Sql } from 'sql-template-tag';

/** The database at one point in time, unaffected by later writes. */
export interface Snapshot {
  /** Reads row by row, so that a table of any size fits into the memory. Only one read at a time. */
  rows<T = Record<string, unknown>>(statement: Sql): AsyncIterable<T>;
}
