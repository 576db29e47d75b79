import { open, type FileHandle } from 'node:fs/promises';
import type BetterSqlite3 from 'better-sqlite3';
import { StorageUnavailableError } from './storage-unavailable.js';

/** Pages to copy at once: about 2 ms of the main thread. */
const CHECKPOINT_PAGES = 500;

/**
 * The write-ahead log of an SQLite database, which is flushed outside of the main thread. SQLite itself flushes within
 * the calls that commit and copy pages, which take tens of milliseconds on a busy disk. Here these calls do not flush,
 * except for the first bytes when the log starts again from its beginning. This is safe because:
 *
 * - Committed data survives a power cut once the log was flushed after the commit, as in `synchronous = FULL`.
 * - The log starts again from its beginning only after all of it was copied to the database and the database was
 *   flushed; writers have to wait for {@link checkpoint}.
 */
export class SqliteLog {
  /** Number of pages in the log at which to copy. */
  #checkpointAt = CHECKPOINT_PAGES;
  #failure: StorageUnavailableError | null = null;

  private constructor(
    private readonly connection: BetterSqlite3.Database,
    private readonly log: FileHandle,
    private readonly database: FileHandle,
  ) {}

  /** @param connection of a database in WAL mode, from which something was read */
  static async open(connection: BetterSqlite3.Database): Promise<SqliteLog> {
    connection.pragma('wal_autocheckpoint = 0');
    connection.pragma('synchronous = NORMAL');
    // Opened for writing, because Windows flushes nothing otherwise.
    const log = await open(`${connection.name}-wal`, 'r+');
    return new SqliteLog(connection, log, await open(connection.name, 'r+'));
  }

  /**
   * After a failed flush it is unknown what is on the disk, and a second flush would succeed without having written it.
   *
   * @throws StorageUnavailableError after a failed flush, until the server is restarted
   */
  assertSound(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  /**
   * Makes all committed data durable.
   *
   * @throws StorageUnavailableError when the disk fails
   */
  async flush(): Promise<void> {
    await this.#flush(this.log);
  }

  /** Whether the log is long enough to be copied. */
  get isDue(): boolean {
    return this.#pages('NOOP').log >= this.#checkpointAt;
  }

  /**
   * Copies the flushed part of the log to the database. No writes are allowed until it has resolved.
   *
   * @throws StorageUnavailableError when the disk fails
   */
  async checkpoint(): Promise<void> {
    const { log, copied } = this.#copy();
    // A reader of an older state keeps the rest in the log, which then grows.
    this.#checkpointAt = copied < log ? log + CHECKPOINT_PAGES : CHECKPOINT_PAGES;
    await this.#flush(this.database);
  }

  /** Call it after closing the connection: on POSIX, closing any handle of a file releases all locks on it. */
  async close(): Promise<void> {
    await this.log.close();
    await this.database.close();
  }

  async #flush(file: FileHandle): Promise<void> {
    try {
      await file.datasync();
    } catch (error) {
      this.#failure = new StorageUnavailableError(error);
      throw this.#failure;
    }
  }

  /** Copies without a flush. `NORMAL` is restored in any case, because later commits need its flushes. */
  #copy(): { log: number; copied: number } {
    this.connection.pragma('synchronous = OFF');
    try {
      return this.#pages('PASSIVE');
    } finally {
      this.connection.pragma('synchronous = NORMAL');
    }
  }

  #pages(mode: 'NOOP' | 'PASSIVE'): { log: number; copied: number } {
    const [pages] = this.connection.pragma(`wal_checkpoint(${mode})`) as [
      { log: number; checkpointed: number },
    ];
    return { log: pages.log, copied: pages.checkpointed };
  }
}
