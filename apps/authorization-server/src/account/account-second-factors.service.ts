import { Injectable } from '@nestjs/common';
import { Database, type Transaction } from '@latchkey/platform/database';
import type { AuditContext } from '../audit/audit-event.js';
import { FailureCounts } from '../audit/failure-counts.js';
import { codeRefusal } from '../oauth/common/code-refusal.js';
import { OAuthError } from '../oauth/common/oauth-error.js';
import type { RequestContext } from '../oauth/common/request-context.js';
import type { Reservation } from '../throttling/login-reservation.js';
import { LoginThrottle } from '../throttling/login-throttle.js';
import type { ThrottledFactor } from '../throttling/throttle-keys.js';
import { RefusalDelay } from '../throttling/refusal-delay.js';
import { EmailFactorsService } from '../second-factors/email-factors.service.js';
import { PasskeysOffError, PasskeysService } from '../second-factors/passkeys.service.js';
import { RecoveryCodesService } from '../second-factors/recovery-codes.service.js';
import { TooManySecondFactorsError } from '../second-factors/second-factor-repository.js';
import {
  SecondFactorsService,
  type ListedFactor,
  type SecondFactors,
  type ShownTotp,
} from '../second-factors/second-factors.service.js';
import type { User } from '../users/user.js';
import { UserRepository } from '../users/user-repository.js';

/** The name under which the throttle counts codes for new addresses. */
const NEW_ADDRESS: ThrottledFactor = 'new e-mail address';

/** The second factors of a resource owner, by the `sub` of a verified token. */
@Injectable()
export class AccountSecondFactorsService {
  constructor(
    private readonly database: Database,
    private readonly users: UserRepository,
    private readonly factors: SecondFactorsService,
    private readonly passkeys: PasskeysService,
    private readonly emails: EmailFactorsService,
    private readonly recoveryCodes: RecoveryCodesService,
    private readonly throttle: LoginThrottle,
    private readonly failures: FailureCounts,
    private readonly refusalDelay: RefusalDelay,
  ) {}

  /** The types that an owner can add, beside passkeys. */
  get types(): ListedFactor['type'][] {
    return this.emails.isOn ? ['totp', 'email_code'] : ['totp'];
  }

  async list(sub: string): Promise<SecondFactors> {
    return this.factors.list(this.database, (await this.#owner(sub)).key);
  }

  /** @throws OAuthError invalid_request when the owner has too many */
  async enrolTotp(sub: string): Promise<ShownTotp> {
    const owner = await this.#owner(sub);
    return this.factors.enrolTotp(owner).catch(refuseToAdd);
  }

  /** @returns the argument of `navigator.credentials.create()` @throws OAuthError invalid_request */
  async beginPasskey(sub: string): ReturnType<PasskeysService['begin']> {
    const owner = await this.#owner(sub);
    return this.passkeys.begin(owner).catch(refuseToAdd);
  }

  /** @returns its id, or `null` when it is refused @throws OAuthError invalid_request */
  async addPasskey(sub: string, credential: unknown, context: RequestContext): Promise<string | null> {
    const owner = await this.#owner(sub);
    return this.passkeys.add(owner, credential, auditOf(owner, context)).catch(refuseToAdd);
  }

  /**
   * Sends a code to a new address of the owner.
   *
   * @returns the new factor, with its masked address
   * @throws OAuthError invalid_request when the owner has too many, temporarily_unavailable when the code was not sent
   */
  async enrolEmail(
    sub: string,
    address: string,
    clientId: string,
    context: RequestContext,
  ): Promise<{ id: string; address: string }> {
    if (!this.emails.isOn) throw OAuthError.invalidRequest('Codes by e-mail are off');
    const owner = await this.#owner(sub);
    const requester = { clientId, context: auditOf(owner, context) };
    const enrolled = this.emails.enrol(owner, address, requester);
    return enrolled.catch((error: unknown) => refuseToAdd(codeRefusal(error)));
  }

  /**
   * Confirms a factor by a code of it.
   *
   * @returns the type of the factor; `null` when the code is wrong, or the factor is not waiting for one
   * @throws OAuthError not_found
   */
  async confirm(
    sub: string,
    id: string,
    code: string,
    context: RequestContext,
  ): Promise<ListedFactor['type'] | null> {
    const owner = await this.#owner(sub);
    const { factors } = await this.factors.list(this.database, owner.key);
    const factor = factors.find((each) => each.id === id);
    if (factor === undefined) throw OAuthError.notFound();
    const audit = auditOf(owner, context);
    const confirmed =
      factor.type === 'totp'
        ? await this.database.transaction((tx) => this.factors.confirmTotp(tx, owner, id, code, audit))
        : await this.#confirmEmail(owner, id, code, context);
    return confirmed ? factor.type : null;
  }

  /** @returns false when the owner has no such factor */
  async remove(sub: string, id: string, context: RequestContext): Promise<boolean> {
    const owner = await this.#owner(sub);
    return this.database.transaction((tx) => this.factors.remove(tx, owner, id, auditOf(owner, context)));
  }

  /** @throws OAuthError invalid_request when the owner has no second factor */
  async renewRecoveryCodes(sub: string, context: RequestContext): Promise<string[]> {
    const owner = await this.#owner(sub);
    const audit = auditOf(owner, context);
    const codes = await this.database.transaction((tx) => this.recoveryCodes.renew(tx, owner, audit));
    if (codes === null) throw OAuthError.invalidRequest('There is no second factor to recover');
    return codes;
  }

  /** Attempts are counted before the code is checked, like those of a login, because codes can be guessed. */
  async #confirmEmail(owner: User, id: string, code: string, context: RequestContext): Promise<boolean> {
    const flow = { client: 'account', source: owner.sub };
    const source = { address: null, device: context.device, flow };
    const audit = auditOf(owner, context);
    const reservation = await this.throttle.reserve(owner.username, source, NEW_ADDRESS);
    const refuse = async (reason: string, counted: Reservation | null): Promise<false> => {
      const failed = { kind: 'second_factor_added', outcome: 'failure', subject: owner.sub } as const;
      await this.failures.count({ ...audit, ...failed, detail: { reason } }, this.throttle.failed(counted));
      await this.refusalDelay.wait(context.arrivedAt);
      return false;
    };
    if (typeof reservation === 'string') return refuse(reservation, null);
    const confirm = (tx: Transaction) => this.emails.confirm(tx, owner, id, code, audit);
    const confirmed = await this.throttle.releaseOnFailure(reservation, () =>
      this.database.transaction(confirm),
    );
    if (!confirmed) return refuse('wrong code', reservation);
    await this.throttle.settle(reservation);
    return true;
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
