import { Injectable } from '@nestjs/common';
import { Database } from '@latchkey/platform/database';
import { MAX_EXAMINED } from '@latchkey/platform/http';
import sql from 'sql-template-tag';
import { inPortions, type Numeric } from './read-in-portions.js';

/** How many of the enabled users have a second factor that can be used. */
interface Coverage {
  readonly users: number;
  readonly withSecondFactor: number;
  /** Milliseconds since the epoch. */
  readonly countedAt: number;
}

interface PortionRow {
  users: Numeric;
  with_factor: Numeric;
}

/** A count of several portions is kept for this many times its duration, to limit the load. */
const KEPT_TIMES = 100;

/**
 * Counts the users without a second factor, who would have to enrol one where it is required. There may be millions, so
 * they are counted in portions with pauses, by one count at a time, and the result is kept for a while.
 */
@Injectable()
export class SecondFactorCoverage {
  #kept: Coverage | null = null;
  #keptUntil = 0;
  #running: Promise<Coverage> | null = null;

  constructor(private readonly database: Database) {}

  /** The cached count, or a new one. */
  async current(): Promise<Coverage> {
    return this.#kept !== null && performance.now() < this.#keptUntil ? this.#kept : this.#renew();
  }

  /** The same, but returns the previous count while a new one is made; `null`: counting failed. */
  async latest(): Promise<Coverage | null> {
    const counting = this.current().catch(() => null);
    return this.#kept ?? counting;
  }

  #renew(): Promise<Coverage> {
    this.#running ??= this.#count().finally(() => (this.#running = null));
    return this.#running;
  }

  async #count(): Promise<Coverage> {
    const start = performance.now();
    const countedAt = Date.now();
    let users = 0;
    let withSecondFactor = 0;
    const portions = await inPortions<Numeric>(0, async (after) => {
      const end = await this.#endOfPortion(after);
      const portion = await this.#portion(after, end);
      users += Number(portion?.users ?? 0);
      withSecondFactor += Number(portion?.with_factor ?? 0);
      return end;
    });
    const now = performance.now();
    this.#kept = { users, withSecondFactor, countedAt };
    this.#keptUntil = portions === 1 ? 0 : now + (now - start) * KEPT_TIMES;
    return this.#kept;
  }

  async #endOfPortion(after: Numeric): Promise<Numeric | null> {
    const [end] = await this.database.examine<{ key: Numeric }>(
      sql`SELECT key FROM users WHERE key > ${after} ORDER BY key LIMIT 1 OFFSET ${MAX_EXAMINED - 1}`,
      'background',
    );
    return end?.key ?? null;
  }

  async #portion(after: Numeric, end: Numeric | null): Promise<PortionRow | undefined> {
    const upTo = end === null ? sql`` : sql`AND key <= ${end}`;
    const [portion] = await this.database.examine<PortionRow>(
      sql`SELECT count(*) AS users, sum(CASE WHEN has_second_factor THEN 1 ELSE 0 END) AS with_factor
      FROM users WHERE key > ${after} ${upTo} AND disabled_by IS NULL`,
      'background',
    );
    return portion;
  }
}
