import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { LOGGER } from '../config/config.token.js';
import { EXPIRING_TABLES, ExpiredRowsRepository } from './expired-rows-repository.js';

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
    private readonly rows: ExpiredRowsRepository,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => {
      this.#running = this.#running.then(() => this.run());
    }, INTERVAL_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  /** Deletes everything that has expired by now, and counters of login attempts beyond their bound. */
  async run(): Promise<void> {
    for (const table of EXPIRING_TABLES) {
      await this.#sweep(`expired rows of ${table.table}`, () => this.rows.deleteExpired(table, BATCH_ROWS));
    }
    await this.#sweep('excess counters of login attempts', async () => {
      const excess = await this.rows.excessThrottles(MAX_THROTTLES, BATCH_ROWS);
      return excess === 0 ? 0 : this.rows.deleteThrottles(excess);
    });
  }

  /** Deletes batch by batch. What cannot be deleted now can be a minute later, and keeps nothing else from going. */
  async #sweep(what: string, deleteBatch: () => Promise<number>): Promise<void> {
    let total = 0;
    try {
      let deleted: number;
      do {
        deleted = await deleteBatch();
        total += deleted;
        if (deleted === BATCH_ROWS) await pause(REST_MS);
      } while (deleted === BATCH_ROWS && !this.#stopping);
    } catch (error) {
      this.logger.error({ err: error, what }, 'could not delete');
    }
    if (total > 0) this.logger.info({ what, deleted: total }, 'deleted');
  }
}
