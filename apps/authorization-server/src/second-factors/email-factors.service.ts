import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database, newId, type Transaction } from '@latchkey/platform/database';
import type { AuditContext } from '../audit/audit-event.js';
import { StoredSecrets } from '../data-keys/stored-secrets.js';
import type { User } from '../users/user.js';
import { mailboxOf, maskEmailAddress, sealAddress, unsealAddress } from './sealed-email-address.js';
import { EMAIL_CODES_AT_A_TIME, EmailCodesService } from './email-codes.service.js';
import { SecondFactorRepository } from './second-factor-repository.js';
import { SecondFactorsService } from './second-factors.service.js';

/** For a handle, which only distinguishes the codes of different messages. */
const HANDLE_BYTES = 16;

interface CodeRequester {
  readonly clientId: string;
  readonly context: AuditContext;
}

/** The login for which a code is requested. */
interface LoginChallenge {
  readonly attemptId: string;
  readonly factorId: string;
  /** Whether the request comes from a device that has logged in to the account. */
  readonly isKnownDevice: boolean;
}

/** The e-mail addresses of users as second factors. */
@Injectable()
export class EmailFactorsService {
  constructor(
    private readonly database: Database,
    private readonly factors: SecondFactorsService,
    private readonly repository: SecondFactorRepository,
    private readonly codes: EmailCodesService,
    private readonly secrets: StoredSecrets,
  ) {}

  /** Whether codes can be sent. */
  get isOn(): boolean {
    return this.codes.isOn;
  }

  /**
   * Sends a code to a new address of the user, and replaces an address that was never confirmed.
   *
   * An unproven address has a budget of its own across all accounts, which limits the messages to a stranger's mailbox.
   * Codes for logins are not counted in it, so a stranger cannot use up the owner's codes.
   *
   * @returns the new factor, with its masked address
   * @throws TooManySecondFactorsError, SendingBudgetSpentError, MessageNotSentError
   */
  async enrol(
    user: User,
    address: string,
    { clientId, context }: CodeRequester,
  ): Promise<{ id: string; address: string }> {
    const id = newId();
    const secret = sealAddress(this.secrets, id, address);
    await this.codes.send({
      kind: 'address_code',
      id,
      factorId: id,
      address,
      handle: '',
      user,
      clientId,
      context,
      budgets: [
        { kind: 'account', name: `${user.key} new address`, size: EMAIL_CODES_AT_A_TIME },
        { kind: 'address', name: mailboxOf(address), size: EMAIL_CODES_AT_A_TIME },
      ],
      store: (tx) => this.factors.insertPending(tx, { id, userKey: user.key, type: 'email_code', secret }),
    });
    return { id, address: maskEmailAddress(address) };
  }

  /** @returns false when the code is wrong, expired or spent */
  confirm(tx: Transaction, user: User, id: string, code: string, context: AuditContext): Promise<boolean> {
    const spend = () => this.codes.spend(tx, user, id, '', code);
    return this.factors.confirm(tx, user, 'email_code', context, spend);
  }

  /**
   * Sends a code for a login. Devices that have logged in to the account have a budget of their own, which an attacker
   * who knows the password cannot use up.
   *
   * @returns the handle that the code belongs to, and the masked address; `null` when the user has no such address
   * @throws SendingBudgetSpentError, MessageNotSentError
   */
  async challenge(
    user: User,
    { attemptId, factorId, isKnownDevice }: LoginChallenge,
    { clientId, context }: CodeRequester,
  ): Promise<{ handle: string; address: string } | null> {
    const factors = await this.repository.list(this.database, user.key);
    const factor = factors.find(({ id, type }) => id === factorId && type === 'email_code');
    if (factor === undefined || factor.confirmedAt === null) return null;
    const address = unsealAddress(this.secrets, factor.id, factor.secret);
    const handle = randomBytes(HANDLE_BYTES).toString('base64url');
    const device = isKnownDevice ? 'known devices' : 'other devices';
    await this.codes.send({
      kind: 'login_code',
      id: attemptId,
      factorId: factor.id,
      address,
      handle,
      user,
      clientId,
      context,
      budgets: [{ kind: 'account', name: `${user.key} ${device}`, size: EMAIL_CODES_AT_A_TIME }],
    });
    return { handle, address: maskEmailAddress(address) };
  }

  /** Spends the code of a login. @returns false when it is wrong, expired, spent, or of another login */
  spend(tx: Transaction, user: User, attemptId: string, handle: string, code: string): Promise<boolean> {
    return this.codes.spend(tx, user, attemptId, handle, code);
  }
}
