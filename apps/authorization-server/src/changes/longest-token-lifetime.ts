import { Inject, Injectable } from '@nestjs/common';
import { Database, type Reader, type Transaction } from '@latchkey/platform/database';
import sql from 'sql-template-tag';
import type { AuthorizationServerConfig } from '../config/authorization-server-config.js';
import { CONFIG } from '../config/config.token.js';
import { SettingRepository } from '../database/installation-info.js';
import { formatChange } from './change.js';

const SETTING = 'longest_access_token_ttl';

/** The largest `access_token_ttl` there is. */
const LARGEST_S = 86_400;

/**
 * A login that began before a revocation may end after it, and its token, though dead from birth, lives on from there by
 * its `exp`. So may one of a server whose settings were lower until a moment ago. More than either takes.
 */
const MARGIN_S = 600;

interface Stored {
  /** Seconds. */
  readonly lifetime: number;
  /** Milliseconds since the epoch: since when new tokens live shorter; `null`: they do not. */
  readonly loweredAt: number | null;
}

/**
 * How long the longest-lived access token of the installation lives, those included that were issued before a lifetime
 * was lowered: it sinks only when the last of them has expired.
 */
@Injectable()
export class LongestTokenLifetime {
  constructor(
    private readonly database: Database,
    @Inject(CONFIG) private readonly config: AuthorizationServerConfig,
    private readonly settings: SettingRepository,
  ) {}

  /** Seconds after which no token is alive that was issued before a revocation, or while it was made. */
  async withMargin(reader: Reader): Promise<number> {
    return ((await this.#read(reader))?.lifetime ?? LARGEST_S) + MARGIN_S;
  }

  /** To be called in the unit of work that lets a client have tokens that live so long. */
  async cover(tx: Transaction, seconds: number): Promise<void> {
    const stored = await this.#read(tx);
    if (stored === null || seconds <= stored.lifetime) return;
    await tx.lock(SETTING);
    await this.#raise(tx, seconds, await this.#read(tx));
  }

  /** Follows what is configured now. To be called before a server issues tokens, and every now and then. */
  async review(tx: Transaction): Promise<void> {
    await tx.lock(SETTING);
    const [row] = await tx.query(
      sql`SELECT max(access_token_ttl) AS longest, ${this.database.now} AS now FROM clients`,
    );
    const { longest, now } = row as { longest: number | null; now: number };
    const current = Math.max(longest ?? 0, this.config.tokenLifetimes.accessTokenTtl);
    const stored = await this.#read(tx);
    if (stored === null || current >= stored.lifetime) await this.#raise(tx, current, stored);
    // A time in the future counts as now: the clock was set back.
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
