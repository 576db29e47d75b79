import { Injectable } from '@nestjs/common';
import { Database } from '@latchkey/platform/database';
import { BearerError, type AccessToken, type TokenPolicy } from '@latchkey/resource-server';
import type { AuditContext } from '../audit/audit-event.js';
import { OAuthError } from '../oauth/common/oauth-error.js';
import type { RequestContext } from '../oauth/common/request-context.js';
import {
  SecondFactorsService,
  TooManySecondFactorsError,
  type SecondFactors,
  type ShownTotp,
} from '../second-factors/second-factors.service.js';
import { ACR_MFA } from '../tokens/authentication-context.js';
import type { User } from '../users/user.js';
import { UserRepository } from '../users/user-repository.js';

/** Who has a second factor has shown it: a token of the password alone must not take the factor away (RFC 9470). */
@Injectable()
export class OwnSecondFactorPolicy implements TokenPolicy {
  constructor(private readonly users: UserRepository) {}

  /** @throws BearerError insufficient_user_authentication */
  async can({ subject, acr }: AccessToken): Promise<boolean> {
    // Not from memory, which may be of before the enrolment.
    const user = subject === null ? null : await this.users.readBySub(subject);
    if (user?.hasSecondFactor === true && acr !== ACR_MFA) {
      throw BearerError.insufficientUserAuthentication({ acrValues: [ACR_MFA], maxAgeSeconds: null });
    }
    return user !== null;
  }
}

/** The second factors of a resource owner, who is named by the `sub` of the token that was checked. */
@Injectable()
export class AccountSecondFactorsService {
  constructor(
    private readonly database: Database,
    private readonly users: UserRepository,
    private readonly factors: SecondFactorsService,
  ) {}

  async list(sub: string): Promise<SecondFactors> {
    return this.factors.list(this.database, (await this.#owner(sub)).key);
  }

  /** @throws OAuthError invalid_request when the owner has too many */
  async enrolTotp(sub: string): Promise<ShownTotp> {
    try {
      return await this.factors.enrolTotp(await this.#owner(sub));
    } catch (error) {
      if (!(error instanceof TooManySecondFactorsError)) throw error;
      throw OAuthError.invalidRequest('There are too many second factors; remove one first');
    }
  }

  /** @returns false when the code is wrong, or the factor does not wait for one @throws OAuthError not_found */
  async confirm(sub: string, id: string, code: string, context: RequestContext): Promise<boolean> {
    const owner = await this.#owner(sub);
    const { factors } = await this.factors.list(this.database, owner.key);
    if (!factors.some((factor) => factor.id === id)) throw OAuthError.notFound();
    const audit = auditOf(owner, context);
    return this.database.transaction((tx) => this.factors.confirmTotp(tx, owner, id, code, audit));
  }

  /** @returns false when the owner has no such factor */
  async remove(sub: string, id: string, context: RequestContext): Promise<boolean> {
    const owner = await this.#owner(sub);
    return this.database.transaction((tx) => this.factors.remove(tx, owner, id, auditOf(owner, context)));
  }

  async renewRecoveryCodes(sub: string, context: RequestContext): Promise<string[]> {
    const owner = await this.#owner(sub);
    if (!owner.hasSecondFactor) throw OAuthError.invalidRequest('There is no second factor to recover');
    const audit = auditOf(owner, context);
    return this.database.transaction((tx) => this.factors.renewRecoveryCodes(tx, owner, audit));
  }

  async #owner(sub: string): Promise<User> {
    const user = await this.users.findBySub(sub);
    if (user === null) throw OAuthError.notFound();
    return user;
  }
}

function auditOf({ sub }: User, { requestId, address }: RequestContext): AuditContext {
  return { actor: sub, requestId, address };
}
