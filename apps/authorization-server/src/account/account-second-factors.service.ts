import { Injectable } from '@nestjs/common';
import { Database } from '@latchkey/platform/database';
import type { AuditContext } from '../audit/audit-event.js';
import { OAuthError } from '../oauth/common/oauth-error.js';
import type { RequestContext } from '../oauth/common/request-context.js';
import { PasskeysOffError, PasskeysService } from '../second-factors/passkeys.service.js';
import { TooManySecondFactorsError } from '../second-factors/second-factor-repository.js';
import {
  SecondFactorsService,
  type SecondFactors,
  type ShownTotp,
} from '../second-factors/second-factors.service.js';
import type { User } from '../users/user.js';
import { UserRepository } from '../users/user-repository.js';

/** The second factors of a resource owner, who is named by the `sub` of the token that was checked. */
@Injectable()
export class AccountSecondFactorsService {
  constructor(
    private readonly database: Database,
    private readonly users: UserRepository,
    private readonly factors: SecondFactorsService,
    private readonly passkeys: PasskeysService,
  ) {}

  async list(sub: string): Promise<SecondFactors> {
    return this.factors.list(this.database, (await this.#owner(sub)).key);
  }

  /** @throws OAuthError invalid_request when the owner has too many */
  async enrolTotp(sub: string): Promise<ShownTotp> {
    const owner = await this.#owner(sub);
    return this.factors.enrolTotp(owner).catch(refuseToAdd);
  }

  /** @returns for `navigator.credentials.create()` @throws OAuthError invalid_request */
  async beginPasskey(sub: string): ReturnType<PasskeysService['begin']> {
    const owner = await this.#owner(sub);
    return this.passkeys.begin(owner).catch(refuseToAdd);
  }

  /** @returns its id, or `null` when it is refused @throws OAuthError invalid_request */
  async addPasskey(sub: string, credential: unknown, context: RequestContext): Promise<string | null> {
    const owner = await this.#owner(sub);
    return this.passkeys.add(owner, credential, auditOf(owner, context)).catch(refuseToAdd);
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

function refuseToAdd(error: unknown): never {
  if (error instanceof TooManySecondFactorsError) {
    throw OAuthError.invalidRequest('There are too many second factors; remove one first');
  }
  if (error instanceof PasskeysOffError) {
    throw OAuthError.invalidRequest('Passkeys need an issuer with a domain name, and this one has none');
  }
  throw error;
}

function auditOf({ sub }: User, { requestId, address }: RequestContext): AuditContext {
  return { actor: sub, requestId, address };
}
