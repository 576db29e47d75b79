import { open, type FileHandle } from 'node:fs/promises';
import type BetterSqlite3 from 'better-sqlite3';
import { StorageUnavailableError } from './storage-unavailable.js';

/** Pages to copy at once: some 2 ms of the main thread. */
const CHECKPOINT_PAGES = 500;

/**
 * The write-ahead log of an SQLite database, whose flushes wait for the disk outside of the main thread. SQLite itself
 * flushes within the calls that commit and copy pages, and a disk that is busy lets them take tens of milliseconds; here
 * it does neither, except for the first bytes of a log that begins anew. What it rests on:
 *
 * - What is committed survives a power cut once the log was flushed after it, as in `synchronous = FULL`.
 * - The log begins anew only after all of it was copied to the database and the database was flushed; whoever writes has to
 *   wait for {@link checkpoint}.
 */
export class SqliteLog {
  /** Copy when the log has as many pages. */
  #checkpointAt = CHECKPOINT_PAGES;
  #failure: StorageUnavailableError | null = null;

  private constructor(
    private readonly connection: BetterSqlite3.Database,
    private readonly log: FileHandle,
    private readonly database: FileHandle,
  ) {}

  /** @param connection of a database in WAL mode that has been read */
  static async open(connection: BetterSqlite3.Database): Promise<SqliteLog> {
    connection.pragma('wal_autocheckpoint = 0');
    connection.pragma('synchronous = NORMAL');
    // For writing, without which Windows flushes nothing.
    const log = await open(`${connection.name}-wal`, 'r+');
    return new SqliteLog(connection, log, await open(connection.name, 'r+'));
  }

  /**
   * After a flush that failed nobody knows what the disk has, and a second one would succeed without having written it.
   *
   * @throws StorageUnavailableError from then on, until the server is started again
   */
  assertSound(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  /**
   * Makes durable all that has been committed.
   *
   * @throws StorageUnavailableError when the disk fails
   */
  async flush(): Promise<void> {
    await this.#flush(this.log);
  }

  /** Whether it has grown enough to be worth copying. */
  get isDue(): boolean {
    return this.#pages('NOOP').log >= this.#checkpointAt;
  }

  /**
   * Copies what has been flushed to the database. Nobody may write until it has resolved.
   *
   * @throws StorageUnavailableError when the disk fails
   */
  async checkpoint(): Promise<void> {
    const { log, copied } = this.#copy();
    // Somebody who still reads an older state keeps the rest in the log, and the log growing.
    this.#checkpointAt = copied < log ? log + CHECKPOINT_PAGES : CHECKPOINT_PAGES;
    await this.#flush(this.database);
  }

  /** Only after the connection: on POSIX, closing any handle of a file gives up all locks of the process on it. */
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

  /** Without a flush, whether it succeeds or not: what is committed from now on needs those of `NORMAL` again. */
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
