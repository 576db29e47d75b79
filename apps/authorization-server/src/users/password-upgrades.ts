import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Database } from '@latchkey/platform/database';
import type { Logger } from 'pino';
import { LOGGER } from '../config/config.token.js';
import { PasswordHasher } from '../passwords/password-hasher.js';
import type { User } from './user.js';
import { UserRepository } from './user-repository.js';

/**
 * Replaces hashes that are weaker than new ones, of another system or of earlier settings, when their password has
 * just been found right. It happens beside the login, which does not wait for it, and what fails is done at the next.
 */
@Injectable()
export class PasswordUpgrades implements OnApplicationShutdown {
  /** By the user's key; parallel logins are one upgrade. */
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

  /** Resolves when nothing that was begun is under way any longer. */
  async settled(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  /** @param password normalised, and the user's */
  consider(user: User, password: string): void {
    if (this.#running.has(user.key) || !this.hasher.isOutdated(user.passwordHash)) return;
    const upgrade = this.#upgrade(user, password).finally(() => this.#running.delete(user.key));
    this.#running.set(user.key, upgrade);
  }

  /**
   * The same where the request was answered before the verification ended: when the password proves right, the next
   * login with it is fast.
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

  /** The password stays the same, so no session ends; one that was changed meanwhile stays changed. */
  async #upgrade(user: User, password: string): Promise<void> {
    try {
      const upgraded = await this.hasher.hash(password);
      await this.database.writeTogether([this.users.replacePasswordHashStatement(user, upgraded)]);
    } catch (error) {
      this.logger.warn({ err: error, sub: user.sub }, 'could not upgrade a password hash');
    }
  }
}
