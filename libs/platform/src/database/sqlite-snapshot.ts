import BetterSqlite3 from 'better-sqlite3';
import type { Sql } from 'sql-template-tag';
import type { Snapshot } from './transaction.js';

/** Reads on a separate connection, which neither waits for the writer nor blocks it (WAL). */
export async function readSqliteSnapshot<T>(
  path: string,
  read: (snapshot: Snapshot) => Promise<T>,
): Promise<T> {
  const connection = new BetterSqlite3(path, { readonly: true });
  try {
    // The first read determines the state of the snapshot.
    connection.exec('BEGIN; SELECT 1 FROM sqlite_master LIMIT 1');
    return await read({
      async *rows<R>(statement: Sql) {
        yield* connection.prepare(statement.sql).iterate(...statement.values) as Iterable<R>;
      },
    });
  } finally {
    connection.close();
  }
}
