import { Injectable } from '@nestjs/common';
import { Database, type Transaction } from '@latchkey/platform/database';
import sql, { raw, type Sql } from 'sql-template-tag';
import { DataKeysService } from '../data-keys/data-keys.service.js';
import { ThrottleKeys } from './throttle-keys.js';

/** Milliseconds until a spent budget is full again; it is refilled evenly. */
const REFILL_MS = 30 * 60_000;

export interface SendingBudget {
  /** The kind of counter, and the name that is counted. */
  readonly kind: 'account' | 'address' | 'client';
  readonly name: string;
  /** The number of messages that it allows. */
  readonly size: number;
}

/** A message must not be sent now. The transaction is rolled back. */
export class SendingBudgetSpentError extends Error {
  override readonly name = 'SendingBudgetSpentError';

  constructor(
    readonly kind: SendingBudget['kind'],
    /** Seconds until one more message is allowed. */
    readonly retryAfter: number,
  ) {
    super(`Too many messages for the ${kind}`);
  }
}

/** Limits how many messages all servers together send. A message is counted before it is sent, whatever the outcome. */
@Injectable()
export class SendingBudgets {
  readonly #keys: ThrottleKeys;

  constructor(
    private readonly database: Database,
    keys: DataKeysService,
  ) {
    this.#keys = new ThrottleKeys(keys);
  }

  /** Counts a message in all of its budgets, or in none. @throws SendingBudgetSpentError */
  async take(tx: Transaction, budgets: readonly SendingBudget[]): Promise<void> {
    const counted = budgets.map((budget) => ({
      ...budget,
      key: this.#keys.sending(budget.kind, budget.name),
    }));
    // In a fixed order, so that two servers never deadlock on each other's rows.
    counted.sort((left, right) => Buffer.compare(left.key, right.key));
    for (const budget of counted) await this.#takeOne(tx, budget);
  }

  async #takeOne(tx: Transaction, { key, kind, size }: SendingBudget & { key: Buffer }): Promise<void> {
    const { now } = this.database;
    const cost = raw(String(Math.floor(REFILL_MS / size)));
    const refill = raw(String(REFILL_MS));
    const counted = await tx.query(sql`
      INSERT INTO throttles (key, attempts, last_at, known, expires_at)
      VALUES (${key}, 0, ${now} + ${cost}, FALSE, ${now} + ${refill})
      ON CONFLICT (key) DO UPDATE SET last_at = ${now} + ${this.#level} + ${cost}, expires_at = excluded.expires_at
      WHERE ${this.#level} + ${cost} <= ${refill} RETURNING key`);
    if (counted.length === 1) return;
    const [row] = await tx.query<{ wait: number | string }>(
      sql`SELECT ${this.#level} + ${cost} - ${refill} AS wait FROM throttles WHERE key = ${key}`,
    );
    throw new SendingBudgetSpentError(kind, Math.max(1, Math.ceil(Number(row?.wait ?? 0) / 1000)));
  }

  /**
   * How much of the refill time is used up, in milliseconds: `last_at` is the time at which the budget is full. After
   * the clock was set back, `last_at` may be too far ahead; then the budget counts as full.
   */
  get #level(): Sql {
    const { now } = this.database;
    return sql`CASE WHEN throttles.last_at <= ${now} OR throttles.last_at > ${now} + ${raw(String(REFILL_MS))}
      THEN 0 ELSE throttles.last_at - ${now} END`;
  }
}
