import { statement, type Database, type Statement } from '@latchkey/platform/database';
import sql, { join, raw, type Sql } from 'sql-template-tag';
import { type Place, type Places, without } from './places.js';
import type { Admission } from './throttle-repository.js';
import type { ThrottleSettings } from '../config/authorization-server-config.js';
import { ACCOUNT_REFILL_S } from './throttle-settings.js';

/** An attempt of an unknown source at an account. */
interface SourceAttempt {
  /** The bucket that counts the accounts at which the source has failed. */
  readonly source: Buffer;
  /** The row of the source at this account. It marks the account as counted, or later the source as known. */
  readonly pair: Buffer;
}

/** The same with its place in the budget. */
export interface SourcePlace extends SourceAttempt {
  readonly place: Place;
}

/**
 * Limits at how many accounts a source may fail. Budgets per account do not stop a source that tries one password at
 * many accounts. This budget is refilled evenly. An attempt takes a place in it before it is made, so parallel attempts
 * cannot exceed it. Known sources of an account need no place.
 */
export class SourceBudgets {
  constructor(
    private readonly database: Database,
    private readonly settings: Pick<ThrottleSettings, 'sourceAccounts' | 'window'>,
    private readonly places: Places,
  ) {}

  /** Takes a place. A counted account is admitted in any case, because it has its own budget. */
  async reserve(attempt: SourceAttempt): Promise<Admission> {
    const { source, pair } = attempt;
    const isSpent = sql`${this.#level} + ${this.#accountMs} > ${this.#refillMs}`;
    const hasRoom = sql`(${this.#level} + (${this.places.pending} + 1) * ${this.#accountMs} <= ${this.#refillMs} OR ${this.#isCounted(pair)})`;
    const place = await this.places.take(sql`${source}`, hasRoom);
    if (place !== null) return { state: 'admitted', place };
    const [row] = await this.database.query<{ spent: boolean | number; ahead: boolean | number }>(sql`
      SELECT ${isSpent} AS spent, ${this.#isFarAhead} AS ahead FROM throttles WHERE key = ${source}`);
    if (row?.ahead) await this.database.writeTogether([this.forget(source)]);
    return row?.spent ? { state: 'throttled' } : { state: 'full', key: source };
  }

  /**
   * Counts the accounts that are not counted yet, and releases the places.
   *
   * @param attempts of one source
   * @returns the statement for the source, and those for its rows at the accounts
   */
  fail(attempts: readonly [SourcePlace, ...SourcePlace[]]): { counted: Statement; marked: Statement[] } {
    const pairs = [...new Map(attempts.map(({ pair }) => [pair.toString('hex'), pair])).values()];
    return {
      counted: this.#countAccounts(attempts, pairs),
      marked: pairs.map((pair) => this.#markCounted(pair)),
    };
  }

  /** Releases the place. If the account was counted it no longer is, because the source knows its password. */
  succeed({ source, pair }: SourceAttempt, place: Place): Statement {
    return statement(sql`UPDATE throttles SET ${without([place])},
        last_at = last_at - CASE WHEN ${this.#isCounted(pair)} THEN ${this.#accountMs} ELSE 0 END
      WHERE key = ${source}`);
  }

  /** Forgets all accounts at which the source has failed. */
  forget(source: Buffer): Statement {
    return statement(sql`UPDATE throttles SET last_at = ${this.database.now},
        lease = ${this.places.leaseUntilNow}
      WHERE key = ${source}`);
  }

  #countAccounts(attempts: readonly [SourcePlace, ...SourcePlace[]], pairs: readonly Buffer[]): Statement {
    const { now } = this.database;
    const added = pairs.map(
      (pair) => sql`CASE WHEN ${this.#isCounted(pair)} THEN 0 ELSE ${this.#accountMs} END`,
    );
    return statement(sql`UPDATE throttles SET ${without(attempts.map(({ place }) => place))},
        expires_at = ${now} + ${raw(String(this.settings.window * 1000))},
        last_at = ${now} + ${this.#level} + ${join(added, ' + ')}
      WHERE key = ${attempts[0].source}`);
  }

  /** Does not change the row if the source has become known meanwhile. */
  #markCounted(pair: Buffer): Statement {
    const { now } = this.database;
    const isKnown = sql`(throttles.known AND throttles.expires_at > ${now})`;
    return statement(sql`INSERT INTO throttles (key, attempts, last_at, known, expires_at)
      VALUES (${pair}, 0, ${now}, FALSE, ${now} + ${this.#refillMs})
      ON CONFLICT (key) DO UPDATE SET known = ${isKnown},
        expires_at = CASE WHEN ${isKnown} THEN throttles.expires_at ELSE excluded.expires_at END`);
  }

  /**
   * How much of the refill time a source has used up, in milliseconds: `last_at` of its bucket is the time at which the
   * budget is full. After the clock was set back, `last_at` may be too far ahead; then the budget counts as full.
   */
  get #level(): Sql {
    const { now } = this.database;
    return sql`CASE WHEN throttles.last_at <= ${now} OR ${this.#isFarAhead} THEN 0 ELSE throttles.last_at - ${now} END`;
  }

  get #isFarAhead(): Sql {
    return sql`throttles.last_at > ${this.database.now} + ${raw(String(ACCOUNT_REFILL_S * 1000))}`;
  }

  get #refillMs(): Sql {
    return raw(String(ACCOUNT_REFILL_S * 1000));
  }

  /** What one account uses up. */
  get #accountMs(): Sql {
    return raw(String(Math.floor((ACCOUNT_REFILL_S * 1000) / this.settings.sourceAccounts)));
  }

  #isCounted(pair: Buffer): Sql {
    return sql`EXISTS (SELECT 1 FROM throttles AS counted
      WHERE counted.key = ${pair} AND NOT counted.known AND counted.expires_at > ${this.database.now})`;
  }
}
