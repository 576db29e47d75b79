import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Database } from '@latchkey/platform/database';
import type { Logger } from 'pino';
import { LOGGER } from '../config/config.token.js';
import { LongestTokenLifetime } from './longest-token-lifetime.js';

const INTERVAL_MS = 60_000;

/** Adjusts the longest lifetime of access tokens to the configuration of a running server. */
@Injectable()
export class LifetimeReview implements OnModuleInit, OnApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly lifetime: LongestTokenLifetime,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.#review();
    this.#timer = setInterval(() => {
      this.#running = this.#review().catch((error: unknown) => {
        this.logger.error({ err: error }, 'could not review the longest lifetime of access tokens');
      });
    }, INTERVAL_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  #review(): Promise<void> {
    return this.database.transaction((tx) => this.lifetime.review(tx), 'background');
  }
}
