import type { Pool } from 'pg';
import sql, { type Sql } from 'sql-template-tag';
import type { DataSource } from 'typeorm';
import { Notification } from '../notifications/notification.js';
import type { PostgresNotifications } from '../notifications/postgres-notifications.js';
import { CHANNEL } from '../notifications/postgres-session.js';
import { AfterCommit } from './after-commit.js';
import { Database, type IndependentSteps, type PoolUse, type Row, type UnitOfWork } from './database.js';
import { asOneStatement } from './independent-steps.js';
import { LockInUseError, NamedLock, NamedLocks, type HeldLocks } from './named-locks.js';
import { PoolGate, type WorkClass } from './pool-gate.js';
import { readPostgresSnapshot } from './postgres-snapshot.js';
import { PostgresTransaction } from './postgres-transaction.js';
import type { Snapshot } from './snapshot.js';
import { StorageUnavailableError } from './storage-unavailable.js';

const PING_TIMEOUT_MS = 1000;
const MAX_ATTEMPTS = 3;

/** How long to wait for locks. A server that starts waits for what another one applies, which may take a while. */
const LOCK_WAIT_MS: Readonly<Record<WorkClass, number>> = {
  requests: 30_000,
  administration: 30_000,
  background: 120_000,
};

/** `deadlock_detected` and `serialization_failure`: the transaction had no effect and may be tried again. */
const RETRYABLE_CODES = new Set(['40P01', '40001']);

/** What is left to do once a transaction is committed. */
interface Aftermath {
  readonly effects: AfterCommit[];
  readonly notifications: { heard: Promise<void>; forget: () => void }[];
}

/** One attempt at a unit of work. */
interface Attempt {
  readonly transaction: PostgresTransaction;
  readonly aftermath: Aftermath;
  readonly locks: HeldLocks;
}

export class PostgresDatabase extends Database {
  readonly dialect = 'postgres';
  readonly byteOrder = sql`COLLATE "C"`;
  // Not FOR UPDATE, for which everybody would wait who stores what refers to the row.
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

  /** One statement is atomic by itself and needs no transaction around it. */
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

  async write<T>(work: UnitOfWork<T>, workClass: WorkClass = 'requests'): Promise<T> {
    const { value, aftermath } = await this.observed('wrote', () =>
      this.#withLocks(workClass, (locks) =>
        this.#untilThereIsNoConflict(() => this.#transaction(work, workClass, locks)),
      ),
    );
    // PostgreSQL tells everybody at the same moment. So whoever is told of the commit finds it everywhere, as a rule,
    // and here in any case.
    for (const { heard, forget } of aftermath.notifications) {
      if (this.notifications.hears) await heard;
      forget();
    }
    for (const effect of aftermath.effects) effect.run();
    return value;
  }

  writeTogether<T>(steps: () => IndependentSteps<T>): Promise<T> {
    return this.observed('wrote', () =>
      this.#untilThereIsNoConflict(async () => {
        const { statement, finish } = asOneStatement(steps());
        return finish(await this.#run<Row>(statement, 'requests'));
      }),
    );
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

  /** Tries anew each time that it has waited for a lock, which it does with empty hands. */
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

  /** Over a connection that no work may use. There is one question at a time, however many ask. */
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

  async #run<T>(statement: Sql, work: WorkClass): Promise<T[]> {
    const leave = await this.#gate.enter(work);
    try {
      const result = await this.pool.query(statement.text, statement.values);
      return result.rows as T[];
    } finally {
      leave();
    }
  }

  async #transaction<T>(
    work: UnitOfWork<T>,
    workClass: WorkClass,
    locks: HeldLocks,
  ): Promise<{ value: T; aftermath: Aftermath }> {
    const transaction = new PostgresTransaction(this.pool, this.#gate, workClass);
    const aftermath: Aftermath = { effects: [], notifications: [] };
    try {
      for (const name of locks.names) await this.#lock(name, transaction, locks);
      const value = await this.#steps(work, { transaction, aftermath, locks });
      await transaction.commit();
      return { value, aftermath };
    } catch (error) {
      await transaction.rollback();
      for (const { forget } of aftermath.notifications) forget();
      throw error;
    }
  }

  async #steps<T>(work: UnitOfWork<T>, { transaction, aftermath, locks }: Attempt): Promise<T> {
    const steps = work();
    let step = steps.next();
    while (!step.done) {
      let rows: Row[] = [];
      if (step.value instanceof AfterCommit) aftermath.effects.push(step.value);
      else if (step.value instanceof Notification) await this.#notify(step.value, transaction, aftermath);
      else if (step.value instanceof NamedLock) await this.#lock(step.value.name, transaction, locks);
      else rows = await transaction.query(step.value.text, step.value.values);
      step = steps.next(rows);
    }
    return step.value;
  }

  /** First in this process, which takes no connection, and then in the database, for other processes. */
  async #lock(name: string, transaction: PostgresTransaction, locks: HeldLocks): Promise<void> {
    locks.take(name);
    if (!(await transaction.lock(name))) throw new LockInUseError(name, true);
  }

  /** Waiting for it begins before the commit: it may come back sooner than the answer to the commit. */
  async #notify(
    { payload }: Notification,
    transaction: PostgresTransaction,
    { notifications }: Aftermath,
  ): Promise<void> {
    const own = this.notifications.own(payload);
    notifications.push(own);
    await transaction.query('SELECT pg_notify($1, $2)', [CHANNEL, own.message]);
  }
}
