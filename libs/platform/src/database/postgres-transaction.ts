import type { Pool, PoolClient, QueryResult } from 'pg';
import type { Row } from './database.js';
import type { PoolGate, WorkClass } from './pool-gate.js';
import { ignoreErrors, releaseClient } from './postgres-client.js';

/** Does not wait: that would keep the connection. */
const TRY_LOCK = 'SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS locked';

/** Takes a connection with its first statement, and gives it back at its end. */
export class PostgresTransaction {
  #client: PoolClient | null = null;
  readonly #locked = new Set<string>();
  #leave: (() => void) | null = null;

  constructor(
    private readonly pool: Pool,
    private readonly gate: PoolGate,
    private readonly work: WorkClass,
  ) {}

  async query(text: string, values: unknown[]): Promise<Row[]> {
    const client = this.#client ?? (await this.#begin());
    const { rows }: QueryResult<Row> = await client.query<Row>(text, values);
    return rows;
  }

  /** @returns whether no other transaction has the lock; this one then has it to its end */
  async lock(name: string): Promise<boolean> {
    if (this.#locked.has(name)) return true;
    const [row] = await this.query(TRY_LOCK, [name]);
    if (row?.locked !== true) return false;
    this.#locked.add(name);
    return true;
  }

  async commit(): Promise<void> {
    await this.#client?.query('COMMIT');
    this.#end();
  }

  /** Never rejects. */
  async rollback(): Promise<void> {
    // A connection that cannot roll back is in an unknown state and leaves the pool.
    const failed = await this.#client?.query('ROLLBACK').then(
      () => undefined,
      (error: Error) => error,
    );
    this.#end(failed);
  }

  async #begin(): Promise<PoolClient> {
    this.#leave = await this.gate.enter(this.work);
    const client = await this.pool.connect();
    client.on('error', ignoreErrors);
    this.#client = client;
    await client.query('BEGIN');
    return client;
  }

  #end(error?: Error): void {
    if (this.#client !== null) releaseClient(this.#client, error);
    this.#client = null;
    this.#leave?.();
    this.#leave = null;
  }
}
