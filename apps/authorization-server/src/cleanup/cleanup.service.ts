import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Database } from '@latchkey/platform';
import type { Logger } from 'pino';
import { LOGGER } from '../config/config.token.js';
import { EXPIRING_TABLES, ExpiredRowsRepository, type ExpiringTable } from './expired-rows-repository.js';

const INTERVAL_MS = 60_000;

/** Small enough that no request waits noticeably behind a batch, with a rest for the requests between two. */
const BATCH_ROWS = 500;
const REST_MS = 20;

/** More counters than accounts that are tried in a day, on any installation that one database serves. */
const MAX_THROTTLES = 1_000_000;

/** Deletes in the background what has expired. */
@Injectable()
export class CleanupService implements OnApplicationBootstrap, OnApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #stopping = false;

  constructor(
    private readonly database: Database,
    private readonly rows: ExpiredRowsRepository,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => {
      this.#running = this.#running.then(() => this.#tryRun());
    }, INTERVAL_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  /** Deletes everything that has expired by now. */
  async run(): Promise<void> {
    for (const table of EXPIRING_TABLES) await this.#deleteExpired(table);
    const bounded = await this.database.write(() => this.rows.boundThrottles(MAX_THROTTLES));
    if (bounded > 0)
      this.logger.warn({ deleted: bounded }, 'too many counters of login attempts; dropped the oldest');
  }

  async #deleteExpired(table: ExpiringTable): Promise<void> {
    let total = 0;
    let deleted: number;
    do {
      deleted = await this.rows.deleteBatch(table, BATCH_ROWS);
      total += deleted;
      if (deleted === BATCH_ROWS) await pause(REST_MS);
    } while (deleted === BATCH_ROWS && !this.#stopping);
    if (total > 0) this.logger.info({ table: table.table, deleted: total }, 'deleted expired rows');
  }

  /** What could not be deleted now can be deleted a minute later. */
  async #tryRun(): Promise<void> {
    try {
      await this.run();
    } catch (error) {
      this.logger.error({ err: error }, 'could not delete expired rows');
    }
  }
}
