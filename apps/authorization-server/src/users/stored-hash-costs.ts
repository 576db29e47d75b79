import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Transaction } from '@latchkey/platform/database';
import type { Logger } from 'pino';
import { LOGGER } from '../config/config.token.js';
import { parsePasswordHash } from '../passwords/parse-password-hash.js';
import { costOf } from '../passwords/password-hash.js';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { UserRepository } from './user-repository.js';

const INTERVAL_MS = 60_000;

/**
 * Informs the hasher, and through it the refusal delay, of the hashes in use: of those that this server stores at once,
 * of those that other replicas store within a minute.
 */
@Injectable()
export class StoredHashCosts implements OnApplicationBootstrap, OnApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  #refreshing: Promise<void> = Promise.resolve();

  constructor(
    private readonly users: UserRepository,
    private readonly hasher: PasswordHasher,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => void this.refresh(), INTERVAL_MS).unref();
    void this.refresh();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#refreshing;
  }

  /** Reads the stored costs again. Never throws: after a failure nothing changes, and the next refresh follows soon. */
  refresh(): Promise<void> {
    this.#refreshing = this.#refreshing.then(() => this.#refresh());
    return this.#refreshing;
  }

  /** Call it in the transaction that stores a hash. Logs a warning for the first slow hash of each cost. */
  async stored(tx: Transaction, passwordHash: string): Promise<void> {
    const hash = parsePasswordHash(passwordHash);
    if (hash === null || this.hasher.knows(costOf(hash))) return;
    tx.afterCommit(() => {
      this.hasher.expect(costOf(hash));
      const warning = this.hasher.warningOf(passwordHash);
      if (warning !== null) this.logger.warn(`a password_hash that was stored ${warning}`);
    });
  }

  async #refresh(): Promise<void> {
    try {
      this.hasher.expectOnly(await this.users.listPasswordHashCosts());
    } catch (error) {
      this.logger.warn({ err: error }, 'could not find out what password hashes are in use');
    }
  }
}
