import BetterSqlite3 from 'better-sqlite3';

/** Another process has the database open. */
export class DatabaseInUseError extends Error {
  override readonly name = 'DatabaseInUseError';
}

/**
 * Ensures that only one process serves an SQLite file. The lock is SQLite's own, on a file beside the database. So the
 * operating system releases it however the process ends, and readers such as a backup tool can still open the database.
 */
export class SqliteLock {
  private constructor(private readonly holder: BetterSqlite3.Database) {}

  /** @throws DatabaseInUseError when another process holds it; any other error when the file cannot be used */
  static acquire(databasePath: string): SqliteLock {
    const holder = new BetterSqlite3(`${databasePath}.lock`, { timeout: 0 });
    try {
      // The rollback journal needs no other files. In WAL mode an exclusive transaction would not exclude readers.
      holder.pragma('journal_mode = MEMORY');
      holder.exec('BEGIN EXCLUSIVE');
      return new SqliteLock(holder);
    } catch (error) {
      holder.close();
      if (!/^SQLITE_(BUSY|LOCKED)/.test(String((error as { code?: unknown }).code))) throw error;
      throw new DatabaseInUseError(
        `${databasePath} is in use by another process; SQLite serves one server process (use PostgreSQL for more)`,
        { cause: error },
      );
    }
  }

  release(): void {
    this.holder.close();
  }
}
