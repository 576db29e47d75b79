import type { Sql } from 'sql-template-tag';

/** The database as it was at one moment, whatever is written meanwhile. */
export interface Snapshot {
  /** Reads row by row, so that a table of any size fits into the memory. One at a time. */
  rows<T = Record<string, unknown>>(statement: Sql): AsyncIterable<T>;
}
