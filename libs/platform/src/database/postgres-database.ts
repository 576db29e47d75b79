import type { Pool, QueryResult } from 'pg';
import sql, { type Sql } from 'sql-template-tag';
import type { DataSource } from 'typeorm';
import type { PostgresNotifications } from '../notifications/postgres-notifications.js';
import { Database, type PoolUse } from './database.js';
import { createEntityManager } from './entity-manager.js';
import { asOneStatement, lastOf, type IndependentStatements } from './independent-statements.js';
import { LockInUseError, NamedLocks, type HeldLocks } from './named-locks.js';
import { PoolGate, type WorkClass } from './pool-gate.js';
import { toStatementResult } from './postgres-client.js';
import { readPostgresSnapshot } from './postgres-snapshot.js';
import { PostgresTransaction } from './postgres-transaction.js';
import { StorageUnavailableError } from './storage-unavailable.js';
import type { Reader, Row, Snapshot, Transaction } from './transaction.js';

const PING_TIMEOUT_MS = 1000;
const MAX_ATTEMPTS = 3;

/** How long to wait for locks. A starting server may wait long for another one to apply its configuration. */
const LOCK_WAIT_MS: Readonly<Record<WorkClass, number>> = {
  requests: 30_000,
  administration: 30_000,
  background: 120_000,
};

/** `deadlock_detected` and `serialization_failure`: the transaction had no effect and may be retried. */
const RETRYABLE_CODES = new Set(['40P01', '40001']);

/** The result of a committed transaction. */
interface Committed<T> {
  readonly value: T;
  readonly transaction: PostgresTransaction;
}

export class PostgresDatabase extends Database {
  readonly dialect = 'postgres';
  readonly byteOrder = sql`COLLATE "C"`;
  // Not FOR UPDATE, which would also block writers of rows that refer to this one.
  readonly forUpdate = sql`FOR NO KEY UPDATE`;
  readonly now = sql`(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint`;

  readonly #gate = new PoolGate((work, reason) => this.observer?.refused(work, reason));
  readonly #locks = new NamedLocks((reason) => this.observer?.refused('locks', reason));
  #probe: Promise<unknown> | null = null;

  constructor(
    readonly dataSource: DataSource,
    private readonly pool: Pool,
    readonly notifications: PostgresNotifications,
  ) {
    super();
  }

  get poolUse(): PoolUse {
    const { totalCount, idleCount } = this.pool;
    return {
      inUse: totalCount - idleCount,
      idle: idleCount,
      work: {
        requests: this.#gate.use('requests'),
        administration: this.#gate.use('administration'),
        background: this.#gate.use('background'),
      },
      waitingForLocks: this.#locks.waiting,
    };
  }

  query<T>(statement: Sql, work: WorkClass = 'requests'): Promise<T[]> {
    return this.observed('read', () => this.#run<T>(statement, work));
  }

  reader(work: WorkClass): Reader {
    return {
      query: (statement) => this.query(statement, work),
      manager: createEntityManager(this.dataSource, (text, values) =>
        this.observed('read', async () => toStatementResult(await this.#send(text, values, work))),
      ),
    };
  }

  /** A single statement is atomic and needs no explicit transaction. */
  execute<T>(statement: Sql, work: WorkClass = 'requests'): Promise<T[]> {
    return this.observed('wrote', () => this.#run<T>(statement, work));
  }

  async snapshot<T>(read: (snapshot: Snapshot) => Promise<T>): Promise<T> {
    const leave = await this.#gate.enter('background');
    try {
      return await readPostgresSnapshot(this.pool, read);
    } finally {
      leave();
    }
  }

  async transaction<T>(work: (tx: Transaction) => Promise<T>, workClass: WorkClass = 'requests'): Promise<T> {
    const { value, transaction } = await this.observed('wrote', () =>
      this.#withLocks(workClass, (locks) =>
        this.#untilThereIsNoConflict(() => this.#attempt(work, workClass, locks)),
      ),
    );
    // PostgreSQL notifies all processes at the same time. So a caller that has its result usually finds the change in
    // the caches of all servers, and always in those of this one.
    for (const { received, forget } of transaction.notified) {
      if (this.notifications.inSync) await received;
      forget();
    }
    for (const effect of transaction.effects) effect();
    return value;
  }

  writeTogether<T>(statements: IndependentStatements<T>): Promise<T> {
    return this.observed('wrote', async () => {
      const one = asOneStatement(statements);
      const rows = await this.#untilThereIsNoConflict(() => this.#run<Row>(one, 'requests'));
      const result = lastOf(statements).result(rows);
      for (const { afterCommit } of statements) afterCommit?.();
      return result;
    });
  }

  async #untilThereIsNoConflict<T>(attemptOnce: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await attemptOnce();
      } catch (error) {
        const code = (error as { code?: string }).code ?? '';
        if (!RETRYABLE_CODES.has(code)) throw error;
        if (attempt === MAX_ATTEMPTS) throw new StorageUnavailableError(error);
      }
    }
  }

  /** Starts again after each wait for a lock. It waits without a connection. */
  async #withLocks<T>(work: WorkClass, attemptOnce: (locks: HeldLocks) => Promise<T>): Promise<T> {
    const locks = this.#locks.begin(LOCK_WAIT_MS[work]);
    try {
      for (;;) {
        try {
          return await attemptOnce(locks);
        } catch (error) {
          if (!(error instanceof LockInUseError)) throw error;
          await locks.waitFor(error);
        }
      }
    } finally {
      locks.release();
    }
  }

  /** Uses a connection that no work may use. Concurrent calls share one query. */
  async ping(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new StorageUnavailableError('no answer')), PING_TIMEOUT_MS);
    });
    this.#probe ??= this.pool.query('SELECT 1').finally(() => (this.#probe = null));
    try {
      await Promise.race([this.#probe, timeout]);
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    await this.notifications.stop();
    await this.dataSource.destroy();
  }

  async #run<T>({ text, values }: Sql, work: WorkClass): Promise<T[]> {
    return (await this.#send(text, values, work)).rows as T[];
  }

  async #send(text: string, values: unknown[], work: WorkClass): Promise<QueryResult<Row>> {
    const leave = await this.#gate.enter(work);
    try {
      return await this.pool.query<Row>(text, values);
    } finally {
      leave();
    }
  }

  async #attempt<T>(
    work: (tx: Transaction) => Promise<T>,
    workClass: WorkClass,
    locks: HeldLocks,
  ): Promise<Committed<T>> {
    const { pool, notifications } = this;
    const transaction = new PostgresTransaction({
      dataSource: this.dataSource,
      pool,
      gate: this.#gate,
      work: workClass,
      notifications,
      locks,
    });
    try {
      for (const name of locks.names) await transaction.lock(name);
      const value = await transaction.perform(work);
      await transaction.commit();
      return { value, transaction };
    } catch (error) {
      await transaction.rollback();
      throw error;
    }
  }
}
