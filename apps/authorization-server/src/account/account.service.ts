import { Injectable } from '@nestjs/common';
import { toPage, type Page } from '@latchkey/platform';
import type { OwnedAuthorization } from '../authorizations/authorization.js';
import { AuthorizationRepository } from '../authorizations/authorization-repository.js';
import { AuthorizationsService } from '../authorizations/authorizations.service.js';
import type { RequestContext } from '../oauth/common/request-context.js';
import { OAuthError } from '../oauth/common/oauth-error.js';
import { normalizePassword } from '../passwords/password-format.js';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { UserAuthenticator } from '../users/user-authenticator.js';
import { UsersService } from '../users/users.service.js';

/** Self-service of resource owners, each named by the `sub` of the token that was checked. */
@Injectable()
export class AccountService {
  constructor(
    private readonly repository: AuthorizationRepository,
    private readonly authorizations: AuthorizationsService,
    private readonly authenticator: UserAuthenticator,
    private readonly hasher: PasswordHasher,
    private readonly users: UsersService,
  ) {}

  /** Live authorizations of the owner, newest first. */
  async listAuthorizations(
    sub: string,
    limit: number,
    before: string | null,
  ): Promise<Page<OwnedAuthorization>> {
    return toPage(await this.repository.listLiveByOwner(sub, limit + 1, before), limit);
  }

  /** @returns false when the owner has no such live authorization */
  async revokeAuthorization(sub: string, id: string, context: RequestContext): Promise<boolean> {
    const state = await this.repository.find(id);
    if (state?.owner?.sub !== sub || state.authorization.revokedAt !== null) return false;
    const subject = { sid: id, clientId: state.client?.clientId ?? '', subject: sub };
    await this.authorizations.revoke(subject, 'authorization_revoked', { actor: sub, ...context });
    return true;
  }

  /**
   * Replaces the password, which ends all sessions.
   *
   * @returns false when the current password is wrong
   * @throws HashQueueFullError
   */
  async changePassword(
    sub: string,
    current: string,
    next: string,
    context: RequestContext,
  ): Promise<boolean> {
    const [currentPassword, newPassword] = [normalizePassword(current), normalizePassword(next)];
    if (newPassword === null) throw OAuthError.invalidRequest('new_password is too long');
    if (currentPassword === null || !(await this.authenticator.confirm(sub, currentPassword))) return false;
    await this.users.changePassword(sub, await this.hasher.hash(newPassword), { actor: sub, ...context });
    return true;
  }
}
