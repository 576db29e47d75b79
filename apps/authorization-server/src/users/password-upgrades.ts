import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Database } from '@latchkey/platform/database';
import type { Logger } from 'pino';
import { LOGGER } from '../config/config.token.js';
import { PasswordHasher } from '../passwords/password-hasher.js';
import type { User } from './user.js';
import { UserRepository } from './user-repository.js';

/**
 * Replaces a hash that is weaker than new ones, from another system or from earlier settings, after its password was
 * found right. The login does not wait for it. After a failure the next login tries again.
 */
@Injectable()
export class PasswordUpgrades implements OnApplicationShutdown {
  /** By the user's key; parallel logins share one upgrade. */
  readonly #running = new Map<number, Promise<void>>();

  constructor(
    private readonly database: Database,
    private readonly users: UserRepository,
    private readonly hasher: PasswordHasher,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationShutdown(): Promise<void> {
    return this.settled();
  }

  /** Resolves when no upgrade is running. */
  async settled(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  /** @param password normalised, and known to be the user's */
  consider(user: User, password: string): void {
    if (this.#running.has(user.key) || !this.hasher.isOutdated(user.passwordHash)) return;
    const upgrade = this.#upgrade(user, password).finally(() => this.#running.delete(user.key));
    this.#running.set(user.key, upgrade);
  }

  /**
   * The same when the request was answered before the verification ended: if the password proves right, the next login
   * is fast.
   *
   * @param outcome see {@link LateVerificationError}
   * @param settle ends the attempt; `null`: the password was not compared
   */
  considerLate(
    user: User,
    password: string,
    outcome: Promise<boolean>,
    settle: (matches: boolean | null) => Promise<void>,
  ): void {
    const conclude = async (): Promise<void> => {
      const matches = await outcome.catch(() => null);
      if (matches === true && user.enabled) this.consider(user, password);
      await settle(matches);
    };
    conclude().catch((error: unknown) =>
      this.logger.warn({ err: error, sub: user.sub }, 'could not settle a login that took too long'),
    );
  }

  /** The password stays the same, so no session ends. A password that was changed meanwhile is not overwritten. */
  async #upgrade(user: User, password: string): Promise<void> {
    try {
      const upgraded = await this.hasher.hash(password);
      await this.database.writeTogether([this.users.replacePasswordHashStatement(user, upgraded)]);
    } catch (error) {
      this.logger.warn({ err: error, sub: user.sub }, 'could not upgrade a password hash');
    }
  }
}
