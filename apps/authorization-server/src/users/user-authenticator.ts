import { Injectable } from '@nestjs/common';
import { DataKeysService } from '../data-keys/data-keys.service.js';
import { PasswordHasher } from '../passwords/password-hasher.js';
import type { User } from './user.js';
import { UserRepository } from './user-repository.js';
import { canonicalUsername } from './username.js';

export type AuthenticationResult =
  | { readonly user: User }
  | {
      readonly user: null;
      /** For the log and the audit trail only; the client learns none of it. */
      readonly reason: 'unknown user' | 'wrong password' | 'disabled user';
      /** The `sub`, or a keyed hash of a name that nobody has: people type passwords there. */
      readonly subject: string;
    };

/** Checks a resource owner's credentials. Every outcome costs exactly one verification. */
@Injectable()
export class UserAuthenticator {
  constructor(
    private readonly users: UserRepository,
    private readonly hasher: PasswordHasher,
    private readonly keys: DataKeysService,
  ) {}

  /**
   * @param password normalised
   * @throws HashQueueFullError
   */
  async authenticate(username: string, password: string): Promise<AuthenticationResult> {
    const canonical = canonicalUsername(username);
    const user = canonical === null ? null : await this.users.findByUsername(canonical);
    const matches = await this.hasher.verify(user?.passwordHash ?? null, password);
    if (user === null) return this.#failure('unknown user', this.#nameHash(canonical ?? username));
    if (!matches) return this.#failure('wrong password', user.sub);
    if (!user.enabled) return this.#failure('disabled user', user.sub);
    return { user };
  }

  /**
   * Whether an enabled user has this password. Costs one verification.
   *
   * @param password normalised
   * @throws HashQueueFullError
   */
  async confirm(sub: string, password: string): Promise<boolean> {
    const user = await this.users.findBySub(sub);
    const matches = await this.hasher.verify(user?.passwordHash ?? null, password);
    return matches && user?.enabled === true;
  }

  #failure(
    reason: 'unknown user' | 'wrong password' | 'disabled user',
    subject: string,
  ): AuthenticationResult {
    return { user: null, reason, subject };
  }

  #nameHash(name: string): string {
    return `unknown:${this.keys.digest('unknown user name', name).slice(0, 22)}`;
  }
}
