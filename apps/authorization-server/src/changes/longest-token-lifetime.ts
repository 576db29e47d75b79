import { Inject, Injectable } from '@nestjs/common';
import { Database, type Step } from '@latchkey/platform';
import sql from 'sql-template-tag';
import type { AuthorizationServerConfig } from '../config/authorization-server-config.js';
import { CONFIG } from '../config/config.token.js';
import { SettingRepository } from '../database/setting-repository.js';
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
  *withMargin(): Step<number> {
    return ((yield* this.#read())?.lifetime ?? LARGEST_S) + MARGIN_S;
  }

  /** To be called in the unit of work that lets a client have tokens that live so long. */
  *cover(seconds: number): Step<void> {
    const stored = yield* this.#read();
    if (stored === null || seconds <= stored.lifetime) return;
    yield* this.database.lock(SETTING);
    yield* this.#raise(seconds, yield* this.#read());
  }

  /** Follows what is configured now. To be called before a server issues tokens, and every now and then. */
  *review(): Step<void> {
    yield* this.database.lock(SETTING);
    const [row] =
      yield sql`SELECT max(access_token_ttl) AS longest, ${this.database.now} AS now FROM clients`;
    const { longest, now } = row as { longest: number | null; now: number };
    const current = Math.max(longest ?? 0, this.config.tokenLifetimes.accessTokenTtl);
    const stored = yield* this.#read();
    if (stored === null || current >= stored.lifetime) yield* this.#raise(current, stored);
    // A time in the future counts as now: the clock was set back.
    else if (stored.loweredAt === null || stored.loweredAt > now)
      yield* this.#write({ ...stored, loweredAt: now });
    else if (now > stored.loweredAt + (stored.lifetime + MARGIN_S) * 1000) {
      yield* this.#write({ lifetime: current, loweredAt: null });
    }
  }

  *#raise(lifetime: number, stored: Stored | null): Step<void> {
    if (
      stored !== null &&
      (lifetime < stored.lifetime || (lifetime === stored.lifetime && stored.loweredAt === null))
    )
      return;
    yield* this.#write({ lifetime, loweredAt: null });
    if (stored !== null && lifetime > stored.lifetime) {
      yield* this.database.notify(formatChange({ kind: 'token_lifetime' }));
    }
  }

  *#read(): Step<Stored | null> {
    const text = yield* this.settings.find(SETTING);
    return text === null ? null : (JSON.parse(text) as Stored);
  }

  *#write(stored: Stored): Step<void> {
    yield* this.settings.set(SETTING, JSON.stringify(stored));
  }
}
