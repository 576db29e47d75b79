import { setImmediate as nextTurn } from 'node:timers/promises';
import type BetterSqlite3 from 'better-sqlite3';
import sql, { type Sql } from 'sql-template-tag';
import { Notification } from '../notifications/notification.js';
import { AfterCommit } from './after-commit.js';
import type { Row, UnitOfWork } from './database.js';
import { NamedLock } from './named-locks.js';
import type { SqliteLog } from './sqlite-log.js';
import type { SqliteStatements } from './sqlite-statements.js';
import { StorageUnavailableError } from './storage-unavailable.js';

const BEGIN = sql`BEGIN IMMEDIATE`;
const COMMIT = sql`COMMIT`;
const ROLLBACK = sql`ROLLBACK`;
const SAVEPOINT = sql`SAVEPOINT unit_of_work`;
const RELEASE = sql`RELEASE unit_of_work`;
const ROLLBACK_TO_SAVEPOINT = sql`ROLLBACK TO unit_of_work`;

/** A batch begins no other unit of work after this time, because the event loop stands still meanwhile. */
const MAX_BATCH_MS = 10;

/** Something that waits for its turn. */
interface Job {
  /** @returns how to tell the caller, once it is durable */
  perform(): () => void;
  undo(): void;
  reject(error: unknown): void;
}

/**
 * The one writer of an SQLite database. Units of work that wait at the same time run in one transaction, a savepoint
 * each, and share its commit, because a durable commit costs a disk flush and the flush dominates. A batch runs within
 * one turn of the event loop, so no other use of the connection can see or join a half-done transaction. While it is
 * flushed the event loop goes on, and what is to be written meanwhile waits for the next batch.
 *
 * Nobody hears of a result, good or bad, before the flush: a refusal may rest on what another unit of the same batch
 * wrote.
 */
export class SqliteWriter {
  #waiting: Job[] = [];
  /** Pending while there is anything to write. */
  #work: Promise<void> | null = null;

  constructor(
    private readonly connection: BetterSqlite3.Database,
    private readonly statements: SqliteStatements,
    private readonly log: SqliteLog,
    /** Called after each durable commit, with the number of units of work that shared it. */
    private readonly committed: (units: number) => void,
    /** Called after a durable commit with what a unit of work notified, before its caller hears of it. */
    private readonly notified: (payloads: readonly string[]) => void,
  ) {}

  write<T>(work: UnitOfWork<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#enqueue({
        perform: () => this.#performInSavepoint(work, resolve),
        undo: () => {
          this.statements.run(ROLLBACK_TO_SAVEPOINT);
          this.statements.run(RELEASE);
        },
        reject,
      });
    });
  }

  /** A unit of work of one statement: when it fails, SQLite undoes it by itself, without a savepoint. */
  execute(statement: Sql): Promise<Row[]> {
    return new Promise((resolve, reject) => {
      this.#enqueue({
        perform: () => {
          const rows = this.statements.run(statement);
          return () => resolve(rows);
        },
        undo: () => undefined,
        reject,
      });
    });
  }

  /** Resolves once nothing waits any more. */
  async finish(): Promise<void> {
    await this.#work;
  }

  #enqueue(job: Job): void {
    this.#waiting.push(job);
    this.#work ??= this.#workOff();
  }

  /** Never rejects. */
  async #workOff(): Promise<void> {
    while (this.#waiting.length > 0) {
      // Whoever asks in the same turn of the event loop takes part, and the answers to the last batch leave first.
      await nextTurn();
      await this.#write();
    }
    this.#work = null;
  }

  /** One batch. What it has no time for waits for the next one. */
  async #write(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    const jobs: Job[] = [];
    try {
      this.log.assertSound();
      const settle = this.#commit(waiting, jobs);
      await this.log.flush();
      this.committed(jobs.length);
      for (const tell of settle) tell();
      if (this.log.isDue) await this.log.checkpoint();
    } catch (error) {
      // Those that have been told do not hear it. Where none was begun, all of them would fail.
      for (const job of jobs.length === 0 ? waiting : jobs) job.reject(new StorageUnavailableError(error));
    }
  }

  /**
   * @param jobs gets those that were begun
   * @returns how to tell the callers, once it is durable
   */
  #commit(waiting: readonly Job[], jobs: Job[]): (() => void)[] {
    try {
      this.statements.run(BEGIN);
      const settle: (() => void)[] = [];
      const end = performance.now() + MAX_BATCH_MS;
      for (const job of waiting) {
        if (jobs.length > 0 && performance.now() > end) break;
        jobs.push(job);
        settle.push(this.#attempt(job));
      }
      this.statements.run(COMMIT);
      return settle;
    } finally {
      if (jobs.length > 0) this.#waiting = [...waiting.slice(jobs.length), ...this.#waiting];
      if (this.connection.inTransaction) this.statements.run(ROLLBACK);
    }
  }

  /** @returns how to tell the caller how it went, once all of the batch is durable */
  #attempt(job: Job): () => void {
    try {
      return job.perform();
    } catch (error) {
      // A full disk or an I/O error ends the whole transaction; then the batch fails as one.
      if (!this.connection.inTransaction) throw error;
      job.undo();
      return () => job.reject(error);
    }
  }

  #performInSavepoint<T>(work: UnitOfWork<T>, resolve: (value: T) => void): () => void {
    this.statements.run(SAVEPOINT);
    const effects: AfterCommit[] = [];
    const payloads: string[] = [];
    const value = this.#run(work, effects, payloads);
    this.statements.run(RELEASE);
    return () => {
      this.notified(payloads);
      for (const effect of effects) effect.run();
      resolve(value);
    };
  }

  #run<T>(work: UnitOfWork<T>, effects: AfterCommit[], payloads: string[]): T {
    const steps = work();
    let step = steps.next();
    while (!step.done) {
      let rows: Row[] = [];
      if (step.value instanceof AfterCommit) effects.push(step.value);
      else if (step.value instanceof Notification) payloads.push(step.value.payload);
      // Units of work never overlap here, so that a lock is always free.
      else if (!(step.value instanceof NamedLock)) rows = this.statements.run(step.value);
      step = steps.next(rows);
    }
    return step.value;
  }
}
