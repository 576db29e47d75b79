import type { Pool, PoolClient } from 'pg';
import sql, { type Sql } from 'sql-template-tag';
import type { DataSource } from 'typeorm';
import { Database, type Row, type Step, type UnitOfWork } from './database.js';
import { StorageUnavailableError } from './storage-unavailable.js';

const PING_TIMEOUT_MS = 1000;
const MAX_ATTEMPTS = 3;
const LOCK_RETRY_S = 0.05;
const MAX_LOCK_WAIT_S = 120;

/** `deadlock_detected` and `serialization_failure`: the transaction had no effect and may be tried again. */
const RETRYABLE_CODES = new Set(['40P01', '40001']);

export class PostgresDatabase extends Database {
  readonly dialect = 'postgres';
  readonly now = sql`(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint`;

  constructor(
    readonly dataSource: DataSource,
    private readonly pool: Pool,
  ) {
    super();
  }

  async query<T>(statement: Sql): Promise<T[]> {
    const result = await this.pool.query(statement.text, statement.values);
    return result.rows as T[];
  }

  /** One statement is atomic by itself and needs no transaction around it. */
  override execute<T>(statement: Sql): Promise<T[]> {
    return this.query<T>(statement);
  }

  async write<T>(work: UnitOfWork<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#transaction(work);
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

  close(): Promise<void> {
    return this.dataSource.destroy();
  }

  async #transaction<T>(work: UnitOfWork<T>): Promise<T> {
    const client = await this.pool.connect();
    client.on('error', ignore);
    try {
      await client.query('BEGIN');
      const value = await run(work, client);
      await client.query('COMMIT');
      release(client);
      return value;
    } catch (error) {
      // A connection that cannot roll back is in an unknown state and leaves the pool.
      await client.query('ROLLBACK').then(
        () => release(client),
        (rollbackError: Error) => release(client, rollbackError),
      );
      throw error;
    }
  }
}

/**
 * A connection that breaks between two statements has no one to tell, and an error event without a listener ends the
 * process. The next statement fails all the same.
 */
function ignore(): void {
  // Nothing to do.
}

function release(client: PoolClient, error?: Error): void {
  client.off('error', ignore);
  client.release(error);
}

async function run<T>(work: UnitOfWork<T>, client: PoolClient): Promise<T> {
  const steps = work();
  let step = steps.next();
  while (!step.done) {
    const { rows } = await client.query<Row>(step.value.text, step.value.values);
    step = steps.next(rows);
  }
  return step.value;
}
