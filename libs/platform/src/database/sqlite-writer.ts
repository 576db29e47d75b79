import { setImmediate as nextTurn } from 'node:timers/promises';
import type BetterSqlite3 from 'better-sqlite3';
import sql, { type Sql } from 'sql-template-tag';
import type { DataSource } from 'typeorm';
import { lastOf, type IndependentStatements } from './independent-statements.js';
import type { SqliteLog } from './sqlite-log.js';
import type { SqliteStatements } from './sqlite-statements.js';
import { SqliteTransaction } from './sqlite-transaction.js';
import { StorageUnavailableError } from './storage-unavailable.js';
import type { Row, Transaction } from './transaction.js';

const BEGIN = sql`BEGIN IMMEDIATE`;
const COMMIT = sql`COMMIT`;
const ROLLBACK = sql`ROLLBACK`;
const SAVEPOINT = sql`SAVEPOINT part`;
const RELEASE = sql`RELEASE part`;
const ROLLBACK_TO_SAVEPOINT = sql`ROLLBACK TO part`;

/** A batch starts no further transaction after this time, because the event loop is blocked meanwhile. */
const MAX_BATCH_MS = 10;

/** A queued transaction. */
interface Job {
  /** @returns a function that gives the caller its result; call it once the batch is durable */
  perform(): Promise<() => void>;
  undo(): void;
  reject(error: unknown): void;
}

/**
 * The only writer of an SQLite database. Transactions that wait at the same time run in one transaction of SQLite, one
 * after the other with a savepoint each, and share its commit, because the disk flush of a durable commit takes most of
 * the time.
 *
 * A batch runs within one turn of the event loop: its transactions await only their own statements, which have their
 * results at once. Other code can only run between promises, and its reads wait for the end of the batch
 * ({@link batch}), so that it never sees an incomplete transaction. During the flush the event loop continues, and new
 * transactions wait for the next batch.
 *
 * Results, including errors, are returned after the flush, because a refusal may depend on what another transaction of
 * the same batch wrote.
 */
export class SqliteWriter {
  #waiting: Job[] = [];
  /** Pending while there is anything to write. */
  #work: Promise<void> | null = null;
  #batch: Promise<void> | null = null;

  constructor(
    private readonly dataSource: DataSource,
    private readonly connection: BetterSqlite3.Database,
    private readonly statements: SqliteStatements,
    private readonly log: SqliteLog,
    /** Called after each durable commit, with the number of transactions that shared it. */
    private readonly committed: (transactions: number) => void,
    /** Called after a durable commit with what a transaction notified, before its caller has its result. */
    private readonly notified: (payloads: readonly string[]) => void,
  ) {}

  /** Resolves at the end of the current batch; `null` when none is running. */
  get batch(): Promise<void> | null {
    return this.#batch;
  }

  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#inSavepoint(async () => {
      const tx = new SqliteTransaction(this.statements, this.dataSource);
      const value = await tx.perform(work);
      return { value, effects: tx.effects, payloads: tx.payloads };
    });
  }

  /** Several statements as one transaction. @returns the result of the last one */
  together<T>(statements: IndependentStatements<T>): Promise<T> {
    return this.#inSavepoint(async () => {
      let rows: Row[] = [];
      for (const { sql: part } of statements) rows = this.statements.run(part);
      const effects = statements.flatMap(({ afterCommit }) => afterCommit ?? []);
      return { value: lastOf(statements).result(rows), effects, payloads: [] };
    });
  }

  /** A transaction of one statement. When the statement fails, SQLite undoes it without a savepoint. */
  execute(statement: Sql): Promise<Row[]> {
    return new Promise((resolve, reject) => {
      this.#enqueue({
        perform: async () => {
          const rows = this.statements.run(statement);
          return () => resolve(rows);
        },
        undo: () => undefined,
        reject,
      });
    });
  }

  /** Resolves when the queue is empty. */
  async finish(): Promise<void> {
    await this.#work;
  }

  #inSavepoint<T>(
    act: () => Promise<{ value: T; effects: readonly (() => void)[]; payloads: readonly string[] }>,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#enqueue({
        perform: async () => {
          this.statements.run(SAVEPOINT);
          const { value, effects, payloads } = await act();
          this.statements.run(RELEASE);
          return () => {
            this.notified(payloads);
            for (const effect of effects) effect();
            resolve(value);
          };
        },
        undo: () => {
          this.statements.run(ROLLBACK_TO_SAVEPOINT);
          this.statements.run(RELEASE);
        },
        reject,
      });
    });
  }

  #enqueue(job: Job): void {
    this.#waiting.push(job);
    this.#work ??= this.#workOff();
  }

  /** Never rejects. */
  async #workOff(): Promise<void> {
    while (this.#waiting.length > 0) {
      // Requests of the same turn of the event loop join the batch, and the previous results are returned first.
      await nextTurn();
      await this.#write();
    }
    this.#work = null;
  }

  /** Runs one batch. Transactions that do not fit wait for the next one. */
  async #write(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    const jobs: Job[] = [];
    try {
      this.log.assertSound();
      const settle = await this.#asBatch(() => this.#commit(waiting, jobs));
      await this.log.flush();
      this.committed(jobs.length);
      for (const give of settle) give();
      if (this.log.isDue) await this.log.checkpoint();
    } catch (error) {
      // Jobs with a result are not affected. If no job was started, all of them fail.
      for (const job of jobs.length === 0 ? waiting : jobs) job.reject(new StorageUnavailableError(error));
    }
  }

  async #asBatch<T>(act: () => Promise<T>): Promise<T> {
    let end: () => void = () => undefined;
    this.#batch = new Promise((resolve) => (end = resolve));
    try {
      return await act();
    } finally {
      this.#batch = null;
      end();
    }
  }

  /**
   * @param jobs receives the jobs that were started
   * @returns functions that give the callers their results; call them once the batch is durable
   */
  async #commit(waiting: readonly Job[], jobs: Job[]): Promise<(() => void)[]> {
    try {
      this.statements.run(BEGIN);
      const settle: (() => void)[] = [];
      const end = performance.now() + MAX_BATCH_MS;
      for (const job of waiting) {
        if (jobs.length > 0 && performance.now() > end) break;
        jobs.push(job);
        settle.push(await this.#attempt(job));
      }
      this.statements.run(COMMIT);
      return settle;
    } finally {
      if (jobs.length > 0) this.#waiting = [...waiting.slice(jobs.length), ...this.#waiting];
      if (this.connection.inTransaction) this.statements.run(ROLLBACK);
    }
  }

  /** @returns a function that gives the caller its result or error; call it once the whole batch is durable */
  async #attempt(job: Job): Promise<() => void> {
    try {
      return await job.perform();
    } catch (error) {
      // A full disk or an I/O error ends the whole transaction; then the batch fails as one.
      if (!this.connection.inTransaction) throw error;
      job.undo();
      return () => job.reject(error);
    }
  }
}
