import { Injectable } from '@nestjs/common';
import type { FieldProblem } from '../clients/client-registration-rules.js';
import { normalizePassword } from '../passwords/password-format.js';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { PasswordPolicy } from '../passwords/password-policy.js';
import type { Administrator } from './administrator.js';
import type { PasswordRequest } from './user.messages.js';

/** The passwords and hashes that requests give. */
@Injectable()
export class GivenPasswords {
  constructor(
    private readonly policy: PasswordPolicy,
    private readonly hasher: PasswordHasher,
  ) {}

  /** What is wrong with the given password or hash; checked before anything is hashed. */
  async problemsOf(
    { password, password_hash: hash }: PasswordRequest,
    username: string | null,
  ): Promise<FieldProblem[]> {
    if (password !== undefined && hash !== undefined) {
      return [{ field: 'password', problem: 'cannot be combined with password_hash' }];
    }
    if (hash !== undefined) {
      const problem = this.hasher.problemOf(hash);
      return problem === null ? [] : [{ field: 'password_hash', problem }];
    }
    if (password === undefined) return [{ field: 'password', problem: 'is required, or password_hash' }];
    const problem = await this.policy.problemOf(normalizePassword(password), username);
    return problem === null ? [] : [{ field: 'password', problem }];
  }

  /** Warnings about hashes that can be stored, for the response: each once, whatever the number of hashes. */
  warningsOf(...requests: readonly PasswordRequest[]): { warnings?: string[] } {
    const warnings = new Set<string>();
    for (const { password_hash: hash } of requests) {
      const warning = hash === undefined ? null : this.hasher.warningOf(hash);
      if (warning !== null) warnings.add(`password_hash ${warning}`);
    }
    return warnings.size === 0 ? {} : { warnings: [...warnings] };
  }

  /**
   * The hash to store for a password or hash without problems.
   *
   * @throws HashQueueFullError
   */
  async hashOf(
    { password, password_hash: hash }: PasswordRequest,
    { context: { actor } }: Administrator,
  ): Promise<string> {
    const flow = { client: 'administration', source: actor };
    if (hash !== undefined) return this.hasher.storable(hash, flow);
    const normalized = normalizePassword(password ?? '');
    if (normalized === null) throw new Error('A password was not checked before it was hashed');
    return this.hasher.hash(normalized, flow);
  }
}
