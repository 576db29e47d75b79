import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { AuditEventRepository } from '../audit/audit-event-repository.js';
import type { AuthorizationServerConfig } from '../config/authorization-server-config.js';
import { CONFIG, LOGGER } from '../config/config.token.js';
import { CleanupMetrics, type CleanupReason } from './cleanup-metrics.js';
import { EXPIRING_TABLES, ExpiredRowsRepository } from './expired-rows-repository.js';

const INTERVAL_MS = 60_000;

interface Pace {
  readonly batchRows: number;
  /** Pause between two batches, for waiting requests. */
  readonly restMs: number;
}

/**
 * On SQLite a batch blocks all requests, for about 20 µs per row and then its commit, and about every 600 rows the
 * changed pages are copied into the database file. This pace deletes almost 1,000 rows a second, far more than such a
 * server can create, with little effect on introspection.
 */
const GENTLE: Pace = { batchRows: 50, restMs: 50 };

/** Faster than an attacker can create rows. */
const URGENT: Pace = { batchRows: 500, restMs: 20 };

/** More counters than accounts that are tried in a day, on any installation with one database. */
const MAX_THROTTLES = 1_000_000;

interface Sweep {
  readonly table: string;
  readonly reason: CleanupReason;
  readonly pace: Pace;
  /** @returns the number of deleted rows; if it equals the limit, there may be more */
  readonly deleteBatch: (rows: number) => Promise<number>;
}

/** Deletes expired rows in the background. */
@Injectable()
export class CleanupService implements OnApplicationBootstrap, OnApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  readonly #sweeps: readonly Sweep[];
  readonly #running = new Map<Sweep, Promise<void>>();
  #stopping = false;
  /** Number of surplus counters of login attempts. */
  #excess = 0;

  constructor(
    private readonly rows: ExpiredRowsRepository,
    private readonly metrics: CleanupMetrics,
    private readonly auditEvents: AuditEventRepository,
    @Inject(CONFIG) config: AuthorizationServerConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    const auditRetentionMs = config.auditRetention * 1000;
    this.#sweeps = [
      ...EXPIRING_TABLES.map((table) => ({
        table: table.table,
        reason: 'expired' as const,
        pace: GENTLE,
        deleteBatch: (rows: number) => this.rows.deleteExpired(table, rows),
      })),
      {
        table: 'audit_events',
        reason: 'expired',
        pace: GENTLE,
        deleteBatch: (rows) => this.auditEvents.deleteBefore(Date.now() - auditRetentionMs, rows),
      },
      {
        table: 'password_logins',
        reason: 'expired',
        pace: GENTLE,
        deleteBatch: (rows) => this.rows.deleteLoginsWithoutClient(rows),
      },
      {
        table: 'throttles',
        reason: 'excess',
        pace: URGENT,
        deleteBatch: (rows) => this.#deleteExcessThrottles(rows),
      },
    ];
  }

  /** Counts again only after the surplus counters of the last count are deleted, because there may be a million. */
  async #deleteExcessThrottles(rows: number): Promise<number> {
    if (this.#excess === 0) this.#excess = await this.rows.excessThrottles(MAX_THROTTLES);
    const batch = Math.min(rows, this.#excess);
    this.#excess -= batch;
    return batch === 0 ? 0 : this.rows.deleteThrottles(batch);
  }

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => void this.run(), INTERVAL_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#timer);
    await Promise.all(this.#running.values());
  }

  /**
   * Deletes all expired rows, audit events that are old enough, and surplus counters of login attempts. A slow table
   * does not delay the others.
   */
  async run(): Promise<void> {
    await Promise.all(this.#sweeps.map((sweep) => this.#running.get(sweep) ?? this.#start(sweep)));
  }

  #start(sweep: Sweep): Promise<void> {
    const running = this.#sweep(sweep).finally(() => this.#running.delete(sweep));
    this.#running.set(sweep, running);
    return running;
  }

  /** Deletes batch by batch. After a failure, the next run tries again; other tables are not affected. */
  async #sweep({ table, reason, pace, deleteBatch }: Sweep): Promise<void> {
    let total = 0;
    try {
      let isFull: boolean;
      do {
        const deleted = await deleteBatch(pace.batchRows);
        total += deleted;
        this.metrics.deleted(table, reason, deleted);
        isFull = deleted === pace.batchRows;
        if (isFull) await pause(pace.restMs);
      } while (isFull && !this.#stopping);
    } catch (error) {
      this.logger.error({ err: error, table, reason }, 'could not delete');
    }
    if (total > 0) this.logger.info({ table, reason, deleted: total }, 'deleted');
  }
}
