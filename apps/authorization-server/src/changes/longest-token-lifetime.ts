import { Inject, Injectable } from '@nestjs/common';
import { Database, type Reader, type Transaction } from '@latchkey/platform/database';
import sql from 'sql-template-tag';
import type { AuthorizationServerConfig } from '../config/authorization-server-config.js';
import { CONFIG } from '../config/config.token.js';
import { SettingRepository } from '../database/settings.js';
import { formatChange } from './change.js';

const SETTING = 'longest_access_token_ttl';

/** The largest `access_token_ttl` that a client may have. */
const LARGEST_S = 86_400;

/**
 * A login that began before a revocation may end after it. Its token is revoked from the start, but its lifetime begins
 * only then. The same applies to a server whose settings were lower until a moment ago. The margin is longer than both
 * delays.
 */
const MARGIN_S = 600;

interface Stored {
  /** Seconds. */
  readonly lifetime: number;
  /** Milliseconds since the epoch from which new tokens have a shorter lifetime; `null`: they do not. */
  readonly loweredAt: number | null;
}

/**
 * The lifetime of the longest-lived access token of the installation, including tokens that were issued before a
 * lifetime was lowered: the value decreases only when the last of them has expired.
 */
@Injectable()
export class LongestTokenLifetime {
  constructor(
    private readonly database: Database,
    @Inject(CONFIG) private readonly config: AuthorizationServerConfig,
    private readonly settings: SettingRepository,
  ) {}

  /** Seconds after which every token has expired that was issued before or during a revocation. */
  async withMargin(reader: Reader): Promise<number> {
    return ((await this.#read(reader))?.lifetime ?? LARGEST_S) + MARGIN_S;
  }

  /** Call it in the transaction that lets a client have tokens with this lifetime. */
  async cover(tx: Transaction, seconds: number): Promise<void> {
    const stored = await this.#read(tx);
    if (stored === null || seconds <= stored.lifetime) return;
    await tx.lock(SETTING);
    await this.#raise(tx, seconds, await this.#read(tx));
  }

  /** Adjusts the value to the current configuration. Call it before a server issues tokens, and then periodically. */
  async review(tx: Transaction): Promise<void> {
    await tx.lock(SETTING);
    const [row] = await tx.query(
      sql`SELECT max(access_token_ttl) AS longest, ${this.database.now} AS now FROM clients`,
    );
    const { longest, now } = row as { longest: number | null; now: number };
    const current = Math.max(longest ?? 0, this.config.tokenLifetimes.accessTokenTtl);
    const stored = await this.#read(tx);
    if (stored === null || current >= stored.lifetime) await this.#raise(tx, current, stored);
    // The clock was set back: a time in the future counts as now.
    else if (stored.loweredAt === null || stored.loweredAt > now)
      await this.#write(tx, { ...stored, loweredAt: now });
    else if (now > stored.loweredAt + (stored.lifetime + MARGIN_S) * 1000) {
      await this.#write(tx, { lifetime: current, loweredAt: null });
    }
  }

  async #raise(tx: Transaction, lifetime: number, stored: Stored | null): Promise<void> {
    if (
      stored !== null &&
      (lifetime < stored.lifetime || (lifetime === stored.lifetime && stored.loweredAt === null))
    )
      return;
    await this.#write(tx, { lifetime, loweredAt: null });
    if (stored !== null && lifetime > stored.lifetime) {
      await tx.notify(formatChange({ kind: 'token_lifetime' }));
    }
  }

  async #read(reader: Reader): Promise<Stored | null> {
    const text = await this.settings.find(reader, SETTING);
    return text === null ? null : (JSON.parse(text) as Stored);
  }

  async #write(tx: Transaction, stored: Stored): Promise<void> {
    await this.settings.set(tx, SETTING, JSON.stringify(stored));
  }
}
