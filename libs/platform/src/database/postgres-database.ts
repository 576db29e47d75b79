import type { Pool, PoolClient } from 'pg';
import sql, { type Sql } from 'sql-template-tag';
import type { DataSource } from 'typeorm';
import { Notification } from '../notifications/notification.js';
import type { PostgresNotifications } from '../notifications/postgres-notifications.js';
import { CHANNEL } from '../notifications/postgres-session.js';
import { AfterCommit } from './after-commit.js';
import {
  Database,
  type IndependentSteps,
  type PoolUse,
  type Row,
  type Step,
  type UnitOfWork,
} from './database.js';
import { asOneStatement } from './independent-steps.js';
import { ignoreErrors, releaseClient } from './postgres-client.js';
import { readPostgresSnapshot } from './postgres-snapshot.js';
import type { Snapshot } from './snapshot.js';
import { StorageUnavailableError } from './storage-unavailable.js';

const PING_TIMEOUT_MS = 1000;
const MAX_ATTEMPTS = 3;
const LOCK_RETRY_S = 0.05;
const MAX_LOCK_WAIT_S = 120;

/** `deadlock_detected` and `serialization_failure`: the transaction had no effect and may be tried again. */
const RETRYABLE_CODES = new Set(['40P01', '40001']);

/** What is left to do once a transaction is committed. */
interface Aftermath {
  readonly effects: AfterCommit[];
  readonly notifications: { heard: Promise<void>; forget: () => void }[];
}

export class PostgresDatabase extends Database {
  readonly dialect = 'postgres';
  readonly byteOrder = sql`COLLATE "C"`;
  // Not FOR UPDATE, for which everybody would wait who stores what refers to the row.
  readonly forUpdate = sql`FOR NO KEY UPDATE`;
  readonly now = sql`(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint`;

  constructor(
    readonly dataSource: DataSource,
    private readonly pool: Pool,
    readonly notifications: PostgresNotifications,
  ) {
    super();
  }

  get poolUse(): PoolUse {
    const { totalCount, idleCount, waitingCount } = this.pool;
    return { inUse: totalCount - idleCount, idle: idleCount, waiting: waitingCount };
  }

  query<T>(statement: Sql): Promise<T[]> {
    return this.observed('read', () => this.#run<T>(statement));
  }

  /** One statement is atomic by itself and needs no transaction around it. */
  override execute<T>(statement: Sql): Promise<T[]> {
    return this.observed('wrote', () => this.#run<T>(statement));
  }

  snapshot<T>(read: (snapshot: Snapshot) => Promise<T>): Promise<T> {
    return readPostgresSnapshot(this.pool, read);
  }

  async write<T>(work: UnitOfWork<T>): Promise<T> {
    const { value, aftermath } = await this.observed('wrote', () =>
      this.#untilThereIsNoConflict(() => this.#transaction(work)),
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
        return finish(await this.#run<Row>(statement));
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

  /** Asks again and again, because waiting in one statement would end with its time-out. */
  *lock(name: string): Step<void> {
    const attempt = sql`SELECT pg_try_advisory_xact_lock(hashtextextended(${name}, 0)) AS locked`;
    for (let waited = 0; waited < MAX_LOCK_WAIT_S; waited += LOCK_RETRY_S) {
      const [row] = yield attempt;
      if (row?.locked === true) return;
      yield sql`SELECT pg_sleep(${LOCK_RETRY_S})`;
    }
    throw new StorageUnavailableError(new Error(`waited too long for the lock ${name}`));
  }

  async ping(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new StorageUnavailableError('no answer')), PING_TIMEOUT_MS);
    });
    try {
      await Promise.race([this.pool.query('SELECT 1'), timeout]);
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    await this.notifications.stop();
    await this.dataSource.destroy();
  }

  async #run<T>(statement: Sql): Promise<T[]> {
    const result = await this.pool.query(statement.text, statement.values);
    return result.rows as T[];
  }

  async #transaction<T>(work: UnitOfWork<T>): Promise<{ value: T; aftermath: Aftermath }> {
    const client = await this.pool.connect();
    client.on('error', ignoreErrors);
    const aftermath: Aftermath = { effects: [], notifications: [] };
    try {
      await client.query('BEGIN');
      const value = await this.#steps(work, client, aftermath);
      await client.query('COMMIT');
      releaseClient(client);
      return { value, aftermath };
    } catch (error) {
      // A connection that cannot roll back is in an unknown state and leaves the pool.
      await client.query('ROLLBACK').then(
        () => releaseClient(client),
        (rollbackError: Error) => releaseClient(client, rollbackError),
      );
      for (const { forget } of aftermath.notifications) forget();
      throw error;
    }
  }

  async #steps<T>(work: UnitOfWork<T>, client: PoolClient, aftermath: Aftermath): Promise<T> {
    const steps = work();
    let step = steps.next();
    while (!step.done) {
      let rows: Row[] = [];
      if (step.value instanceof AfterCommit) aftermath.effects.push(step.value);
      else if (step.value instanceof Notification) await this.#notify(step.value, client, aftermath);
      else ({ rows } = await client.query<Row>(step.value.text, step.value.values));
      step = steps.next(rows);
    }
    return step.value;
  }

  /** Waiting for it begins before the commit: it may come back sooner than the answer to the commit. */
  async #notify({ payload }: Notification, client: PoolClient, { notifications }: Aftermath): Promise<void> {
    const own = this.notifications.own(payload);
    notifications.push(own);
    await client.query('SELECT pg_notify($1, $2)', [CHANNEL, own.message]);
  }
}
