import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type BetterSqlite3 from 'better-sqlite3';
import sql, { empty, type Sql } from 'sql-template-tag';
import type { DataSource } from 'typeorm';
import type { LocalNotifications } from '../notifications/local-notifications.js';
import { Database } from './database.js';
import { createEntityManager } from './entity-manager.js';
import type { IndependentStatements } from './independent-statements.js';
import type { SqliteLock } from './sqlite-lock.js';
import type { SqliteLog } from './sqlite-log.js';
import { readSqliteSnapshot } from './sqlite-snapshot.js';
import { SqliteStatements } from './sqlite-statements.js';
import { SqliteWriter } from './sqlite-writer.js';
import type { Reader, Row, Snapshot, Transaction } from './transaction.js';

export class SqliteDatabase extends Database {
  readonly dialect = 'sqlite';
  readonly poolUse = null;
  readonly byteOrder = sql`COLLATE BINARY`;
  // Not needed, because transactions run one at a time.
  readonly forUpdate = empty;
  readonly now = sql`CAST(round(unixepoch('subsec') * 1000) AS INTEGER)`;

  readonly #statements: SqliteStatements;
  readonly #writer: SqliteWriter;
  /** Resolves after the last of the queued long reads. */
  #examined: Promise<unknown> = Promise.resolve();

  constructor(
    readonly dataSource: DataSource,
    private readonly connection: BetterSqlite3.Database,
    private readonly log: SqliteLog,
    private readonly processLock: SqliteLock,
    readonly notifications: LocalNotifications,
  ) {
    super();
    this.#statements = new SqliteStatements(connection);
    this.#writer = new SqliteWriter(
      dataSource,
      connection,
      this.#statements,
      log,
      (units) => this.observer?.committed(units),
      (payloads) => notifications.committed(payloads),
    );
  }

  query<T>(statement: Sql): Promise<T[]> {
    return this.#read(() => this.#statements.run(statement) as T[]);
  }

  reader(): Reader {
    return {
      query: (statement) => this.query(statement),
      manager: createEntityManager(this.dataSource, (text, values) =>
        this.#read(() => this.#statements.execute(text, values)),
      ),
    };
  }

  #read<T>(read: () => T): Promise<T> {
    return this.observed('read', async () => {
      while (this.#writer.batch !== null) await this.#writer.batch;
      return read();
    });
  }

  override examine<T>(statement: Sql): Promise<T[]> {
    let tookMs = 0;
    const examined = this.#examined.then(async () => {
      await nextTurn();
      const started = performance.now();
      const rows = await this.query<T>(statement);
      tookMs = performance.now() - started;
      return rows;
    });
    this.#examined = examined.catch(() => undefined).then(() => sleep(tookMs));
    return examined;
  }

  snapshot<T>(read: (snapshot: Snapshot) => Promise<T>): Promise<T> {
    return readSqliteSnapshot(this.connection.name, read);
  }

  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.observed('wrote', () => this.#writer.transaction(work));
  }

  execute<T = Row>(statement: Sql): Promise<T[]> {
    return this.observed('wrote', () => this.#writer.execute(statement) as Promise<T[]>);
  }

  writeTogether<T>(statements: IndependentStatements<T>): Promise<T> {
    return this.observed('wrote', () => this.#writer.together(statements));
  }

  async ping(): Promise<void> {
    this.log.assertSound();
    this.#statements.run(sql`SELECT 1 FROM sqlite_master LIMIT 1`);
  }

  async close(): Promise<void> {
    await this.#writer.finish();
    await this.notifications.stop();
    await this.dataSource.destroy();
    await this.log.close();
    this.processLock.release();
  }
}
