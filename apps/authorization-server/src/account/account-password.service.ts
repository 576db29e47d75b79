import { Injectable } from '@nestjs/common';
import { OAuthError } from '../oauth/common/oauth-error.js';
import type { RequestContext } from '../oauth/common/request-context.js';
import { normalizePassword } from '../passwords/password-format.js';
import { PasswordPolicy } from '../passwords/password-policy.js';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { RefusalDelay } from '../throttling/refusal-delay.js';
import { LoginThrottle } from '../throttling/login-throttle.js';
import { UserAuthenticator } from '../users/user-authenticator.js';
import { UsersService } from '../users/users.service.js';

/** The owner of a verified token. */
interface Owner {
  readonly sub: string;
  readonly username: string | null;
}

/** The password of a resource owner, by the `sub` of a verified token. */
@Injectable()
export class AccountPasswordService {
  constructor(
    private readonly authenticator: UserAuthenticator,
    private readonly throttle: LoginThrottle,
    private readonly refusalDelay: RefusalDelay,
    private readonly hasher: PasswordHasher,
    private readonly policy: PasswordPolicy,
    private readonly users: UsersService,
  ) {}

  /**
   * Replaces the password, which ends all sessions. It is throttled and answered like a login, so that a stolen token
   * cannot be used to guess the password.
   *
   * @returns false when the current password is wrong, too many were tried, or an administrator changed the user
   *   meanwhile
   * @throws HashQueueFullError
   */
  async change(owner: Owner, current: string, next: string, context: RequestContext): Promise<boolean> {
    const { sub } = owner;
    const [currentPassword, newPassword] = [normalizePassword(current), normalizePassword(next)];
    const problem = await this.policy.problemOf(newPassword, owner.username);
    if (newPassword === null || problem !== null) throw OAuthError.invalidRequest(`new_password ${problem}`);
    if (newPassword === currentPassword) throw OAuthError.invalidRequest('new_password is the current one');
    if (currentPassword === null) return false;
    const flow = { client: 'account', source: sub };
    const source = { address: null, device: context.device, flow };
    const audit = { actor: sub, requestId: context.requestId, address: context.address };
    const confirmation = await this.authenticator.confirm(sub, currentPassword, source);
    if (confirmation.user === null) {
      await this.users.refuseOwnPassword(confirmation, this.throttle.failed(confirmation.reservation), audit);
      await this.refusalDelay.wait(context.arrivedAt);
      return false;
    }
    await this.throttle.settle(confirmation.reservation);
    return this.users.changeOwnPassword(confirmation.user, await this.hasher.hash(newPassword, flow), audit);
  }
}
