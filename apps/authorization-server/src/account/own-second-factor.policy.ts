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

/** How old the login may be that changes second factors, in seconds. */
const MAX_LOGIN_AGE = 5 * 60;

const WITH_SECOND_FACTOR = [ACR_MFA, ACR_PHISHING_RESISTANT];

/** Who has a second factor has shown it: a token of the password alone must not take the factor away (RFC 9470). */
@Injectable()
export class OwnSecondFactorPolicy implements TokenPolicy {
  constructor(private readonly users: UserRepository) {}

  /** @throws BearerError insufficient_user_authentication */
  async can({ subject, acr }: AccessToken): Promise<boolean> {
    // Not from memory, which may be of before the enrolment.
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

/** Of an endpoint that changes second factors: a stolen token must not be a way to take an account over. */
export const ChangesSecondFactors = () =>
  applyDecorators(RequireFreshLogin(MAX_LOGIN_AGE), RequirePolicy(OwnSecondFactorPolicy));
