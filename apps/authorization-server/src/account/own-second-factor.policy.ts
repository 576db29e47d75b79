import { applyDecorators, Injectable } from '@nestjs/common';
import {
  BearerError,
  RequireFreshLogin,
  RequirePolicy,
  type AccessToken,
  type TokenPolicy,
} from '@latchkey/resource-server';
import { ACR_MFA, ACR_PHISHING_RESISTANT } from '../tokens/authentication-context.js';
import { UserRepository } from '../users/user-repository.js';

/** Maximum age of the login for a change of second factors, in seconds. */
const MAX_LOGIN_AGE = 5 * 60;

const WITH_SECOND_FACTOR = [ACR_MFA, ACR_PHISHING_RESISTANT];

/** A user with a second factor must have used it: the password alone must not remove the factor (RFC 9470). */
@Injectable()
export class OwnSecondFactorPolicy implements TokenPolicy {
  constructor(private readonly users: UserRepository) {}

  /** @throws BearerError insufficient_user_authentication */
  async can({ subject, acr }: AccessToken): Promise<boolean> {
    // Not from the cache, which may be older than the enrolment.
    const user = subject === null ? null : await this.users.readBySub(subject);
    if (user?.hasSecondFactor === true && !WITH_SECOND_FACTOR.includes(acr ?? '')) {
      throw BearerError.insufficientUserAuthentication({
        acrValues: WITH_SECOND_FACTOR,
        maxAgeSeconds: null,
      });
    }
    return user !== null;
  }
}

/** For endpoints that change second factors: a stolen token must not be enough to take over an account. */
export const ChangesSecondFactors = () =>
  applyDecorators(RequireFreshLogin(MAX_LOGIN_AGE), RequirePolicy(OwnSecondFactorPolicy));
