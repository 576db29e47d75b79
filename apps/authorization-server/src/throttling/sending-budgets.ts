import { Injectable } from '@nestjs/common';
import { Database, type Transaction } from '@latchkey/platform/database';
import sql, { raw, type Sql } from 'sql-template-tag';
import { DataKeysService } from '../data-keys/data-keys.service.js';
import { ThrottleKeys } from './throttle-keys.js';

/** How long it takes, in milliseconds, until a budget that is spent is whole again; it is refilled evenly. */
const REFILL_MS = 30 * 60_000;

export interface SendingBudget {
  /** What is counted together, and its name. */
  readonly kind: 'account' | 'address' | 'client';
  readonly name: string;
  /** How many messages it is for. */
  readonly size: number;
}

/** A message must not be sent now. What was stored so far is undone. */
export class SendingBudgetSpentError extends Error {
  override readonly name = 'SendingBudgetSpentError';

  constructor(
    readonly kind: SendingBudget['kind'],
    /** Seconds until there is room for one. */
    readonly retryAfter: number,
  ) {
    super(`Too many messages for the ${kind}`);
  }
}

/** Limits how many messages are sent, on all servers together: counted before they are sent, and whatever becomes of them. */
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
    // In one order, so that no two servers wait for each other's rows.
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
   * How much of the refill time is used up, in milliseconds: `last_at` is when all of it is refilled. After a step back of the
   * clock that is too far ahead, and counts as now.
   */
  get #level(): Sql {
    const { now } = this.database;
    return sql`CASE WHEN throttles.last_at <= ${now} OR throttles.last_at > ${now} + ${raw(String(REFILL_MS))}
      THEN 0 ELSE throttles.last_at - ${now} END`;
  }
}
