import type { Pool, PoolClient, QueryResult } from 'pg';
import type { Sql } from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import { Notification } from '../notifications/notification.js';
import type { PostgresNotifications } from '../notifications/postgres-notifications.js';
import { CHANNEL } from '../notifications/postgres-session.js';
import { createEntityManager } from './entity-manager.js';
import { LockInUseError, type HeldLocks } from './named-locks.js';
import { OpenTransaction } from './open-transaction.js';
import type { PoolGate, WorkClass } from './pool-gate.js';
import { ignoreErrors, releaseClient, toStatementResult } from './postgres-client.js';
import type { Row } from './transaction.js';

/** Does not wait, because a waiting transaction would keep its connection. */
const TRY_LOCK = 'SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS locked';

/** The connection source of a transaction, and the state that it shares with other attempts. */
interface PostgresTransactionOptions {
  readonly dataSource: DataSource;
  readonly pool: Pool;
  readonly gate: PoolGate;
  readonly work: WorkClass;
  readonly notifications: PostgresNotifications;
  readonly locks: HeldLocks;
}

/** Takes a connection with its first statement, and releases it at its end. */
export class PostgresTransaction extends OpenTransaction {
  /** The notifications of this transaction. */
  readonly notified: { readonly received: Promise<void>; readonly forget: () => void }[] = [];
  readonly #locked = new Set<string>();
  #client: PoolClient | null = null;
  #opening: Promise<PoolClient> | null = null;
  #leave: (() => void) | null = null;

  constructor(private readonly options: PostgresTransactionOptions) {
    super();
  }

  protected createManager(): EntityManager {
    return createEntityManager(this.options.dataSource, (text, values) =>
      this.step(async () => toStatementResult(await this.#sendForResult(text, values))),
    );
  }

  query<T = Row>({ text, values }: Sql): Promise<T[]> {
    return this.step(() => this.#send<T>(text, values));
  }

  lock(name: string): Promise<void> {
    return this.step(() => this.#lock(name));
  }

  /** Registers the notification before the commit, because it may come back before the result of the commit. */
  notify(payload: string): Promise<void> {
    return this.step(async () => {
      const own = this.options.notifications.own(new Notification(payload).payload);
      this.notified.push(own);
      await this.#send('SELECT pg_notify($1, $2)', [CHANNEL, own.message]);
    });
  }

  async commit(): Promise<void> {
    await this.#client?.query('COMMIT');
    this.#end();
  }

  /** Never rejects. */
  async rollback(): Promise<void> {
    for (const { forget } of this.notified) forget();
    // A connection that cannot roll back is in an unknown state, and is removed from the pool.
    const failed = await this.#client?.query('ROLLBACK').then(
      () => undefined,
      (error: Error) => error,
    );
    this.#end(failed);
  }

  /** Takes the lock in this process first, which needs no connection, and then in the database, for other processes. */
  async #lock(name: string): Promise<void> {
    this.options.locks.take(name);
    if (this.#locked.has(name)) return;
    const [row] = await this.#send(TRY_LOCK, [name]);
    if (row?.locked !== true) throw new LockInUseError(name, true);
    this.#locked.add(name);
  }

  async #send<T = Row>(text: string, values: unknown[]): Promise<T[]> {
    return (await this.#sendForResult(text, values)).rows as T[];
  }

  async #sendForResult(text: string, values: unknown[]): Promise<QueryResult<Row>> {
    const client = await (this.#opening ??= this.#begin());
    return client.query<Row>(text, values);
  }

  async #begin(): Promise<PoolClient> {
    this.#leave = await this.options.gate.enter(this.options.work);
    const client = await this.options.pool.connect();
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
