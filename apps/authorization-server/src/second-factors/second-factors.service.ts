import { Inject, Injectable } from '@nestjs/common';
import { Database, newId, type Reader, type Transaction } from '@latchkey/platform/database';
import type { AuditContext, AuditDetail, AuditKind } from '../audit/audit-event.js';
import { AuditLog } from '../audit/audit-log.js';
import type { AuthorizationServerConfig } from '../config/authorization-server-config.js';
import { CONFIG } from '../config/config.token.js';
import { StoredSecrets } from '../data-keys/stored-secrets.js';
import type { User } from '../users/user.js';
import { UserRepository } from '../users/user-repository.js';
import { maskEmailAddress, unsealAddress } from './sealed-email-address.js';
import type { SecondFactorEntity } from './second-factor.entity.js';
import type { PasskeyEntity } from './passkey.entity.js';
import { PasskeyRepository } from './passkey-repository.js';
import { RecoveryCodesService } from './recovery-codes.service.js';
import {
  HasSecondFactorError,
  SecondFactorRepository,
  type NewSecondFactor,
} from './second-factor-repository.js';
import { latestTotpStep, newTotpSecret, otpauthUri, totpSecretText, totpStepOf } from './totp.js';

/** Separates sealed secrets from others. */
const TOTP_SECRET = 'TOTP secret';

/** A new factor as it is shown to its user, once. */
export interface ShownTotp {
  readonly id: string;
  /** In base32. */
  readonly secret: string;
  /** For an authenticator application, as a text or QR code. */
  readonly uri: string;
  /** Valid from the first code of the secret on. Only a first factor has them. */
  readonly recoveryCodes: readonly string[];
}

/** A factor without its secret. */
export interface ListedFactor extends Omit<SecondFactorEntity, 'secret'> {
  /** The masked address that codes are sent to; `null` for other factors. */
  readonly address: string | null;
}

export interface SecondFactors {
  /** Oldest first. */
  readonly factors: readonly ListedFactor[];
  readonly passkeys: readonly PasskeyEntity[];
  /** Number of unused recovery codes. */
  readonly recoveryCodes: number;
}

/** The second factors of users. Each change is audited, in the transaction of the change. */
@Injectable()
export class SecondFactorsService {
  constructor(
    private readonly database: Database,
    private readonly repository: SecondFactorRepository,
    private readonly passkeys: PasskeyRepository,
    private readonly recoveryCodes: RecoveryCodesService,
    private readonly users: UserRepository,
    private readonly secrets: StoredSecrets,
    private readonly audit: AuditLog,
    @Inject(CONFIG) private readonly config: AuthorizationServerConfig,
  ) {}

  async list(reader: Reader, userKey: number): Promise<SecondFactors> {
    const stored = await this.repository.list(reader, userKey);
    const factors = stored.map((factor) => this.#withoutSecret(factor));
    const passkeys = await this.passkeys.list(reader, userKey);
    return { factors, passkeys, recoveryCodes: await this.repository.countRecoveryCodes(reader, userKey) };
  }

  /**
   * Creates a new secret for a user, and replaces one that was never confirmed. Logins require it only after a code of
   * it was shown.
   *
   * @param onlyFirst what was presented so far is enough for a first factor only, which comes with recovery codes
   * @throws TooManySecondFactorsError, HasSecondFactorError
   */
  async enrolTotp({ key, username }: User, onlyFirst = false): Promise<ShownTotp> {
    const id = newId();
    const secret = newTotpSecret();
    const sealed = this.secrets.seal(TOTP_SECRET, secret, id);
    const recovery = onlyFirst ? this.recoveryCodes.makeWithSecret(key) : null;
    const recoveryCodes = recovery?.stored ?? null;
    const stored = { id, userKey: key, type: 'totp', secret: sealed, recoveryCodes } as const;
    await this.database.transaction((tx) => this.insertPending(tx, stored, onlyFirst));
    const uri = otpauthUri(secret, new URL(this.config.issuer).host, username);
    return { id, secret: totpSecretText(secret), uri, recoveryCodes: recovery?.codes ?? [] };
  }

  /** Gives new users their secrets from another system, which logins require at once. @param secrets by user name */
  async importTotp(
    tx: Transaction,
    secrets: ReadonlyMap<string, Buffer>,
    context: AuditContext,
  ): Promise<void> {
    if (secrets.size === 0) return;
    for (const [username, { user }] of await this.users.loadByUsernames(tx, [...secrets.keys()])) {
      const secret = secrets.get(username);
      if (secret === undefined) continue;
      const id = newId();
      const sealed = this.secrets.seal(TOTP_SECRET, secret, id);
      await this.repository.insert(tx, { id, userKey: user.key, type: 'totp', secret: sealed }, true);
      await this.users.setSecondFactor(tx, user.key, true);
      await this.#record(tx, 'second_factor_added', user, context, { type: 'totp' });
    }
  }

  /**
   * Stores a factor, and replaces one that was never confirmed.
   *
   * @throws TooManySecondFactorsError, HasSecondFactorError
   */
  async insertPending(tx: Transaction, factor: NewSecondFactor, onlyFirst = false): Promise<void> {
    const { userKey } = factor;
    await this.repository.lock(tx, userKey);
    await this.repository.deletePending(tx, userKey);
    if (onlyFirst && (await this.repository.count(tx, userKey)) > 0) throw new HasSecondFactorError();
    await this.repository.assertRoom(tx, userKey);
    await this.repository.insert(tx, factor);
  }

  /**
   * From now on, logins of the user require a second factor.
   *
   * @param spend proves that the user has it, which confirms it
   * @returns the result of `spend`; false: nothing was changed
   */
  async confirm(
    tx: Transaction,
    user: User,
    type: SecondFactorEntity['type'],
    context: AuditContext,
    spend: () => Promise<boolean>,
  ): Promise<boolean> {
    await this.repository.lock(tx, user.key);
    if (!(await spend())) return false;
    await this.users.setSecondFactor(tx, user.key, true);
    await this.#record(tx, 'second_factor_added', user, context, { type });
    await this.recoveryCodes.confirm(tx, user, context);
    return true;
  }

  /**
   * Confirms a new secret by a code of it.
   *
   * @returns false when the code is wrong, or the secret is not waiting for one
   */
  confirmTotp(
    tx: Transaction,
    user: User,
    id: string,
    code: string,
    context: AuditContext,
  ): Promise<boolean> {
    return this.confirm(tx, user, 'totp', context, async () => {
      const factors = await this.repository.list(tx, user.key);
      const pending = factors.filter((factor) => !isConfirmed(factor) && factor.id === id);
      return this.#spend(tx, pending, code);
    });
  }

  /** @returns false when the code is wrong, or was used before */
  async spendTotp(tx: Transaction, userKey: number, code: string): Promise<boolean> {
    return this.#spend(tx, (await this.repository.list(tx, userKey)).filter(isConfirmed), code);
  }

  /**
   * The same. If the user has no second factor, passkeys included, the first code confirms the new secret. This depends
   * on the stored state, because a cached user may be older than the enrolment.
   *
   * @returns false when the code is wrong, or was used before
   */
  async spendOrConfirmTotp(
    tx: Transaction,
    user: User,
    code: string,
    context: AuditContext,
  ): Promise<boolean> {
    let factors = await this.repository.list(tx, user.key);
    if (!factors.some(isConfirmed)) {
      await this.repository.lock(tx, user.key);
      factors = await this.repository.list(tx, user.key);
    }
    const confirmed = factors.filter(isConfirmed);
    if (confirmed.length > 0) return this.#spend(tx, confirmed, code);
    const passkeys = await this.passkeys.list(tx, user.key);
    if (passkeys.length > 0) return false;
    return this.confirm(tx, user, 'totp', context, () => this.#spend(tx, factors, code));
  }

  /** Removing the last factor also removes the recovery codes. @returns false when the user has no such factor */
  async remove(tx: Transaction, user: User, id: string, context: AuditContext): Promise<boolean> {
    await this.repository.lock(tx, user.key);
    const isPasskey = await this.passkeys.delete(tx, user.key, id);
    const type = isPasskey ? 'passkey' : await this.repository.delete(tx, user.key, id);
    if (type === null) return false;
    if (!(await this.repository.hasConfirmed(tx, user.key))) await this.#deleteAll(tx, user.key);
    await this.#record(tx, 'second_factor_removed', user, context, { type });
    return true;
  }

  /** Removes all factors and recovery codes of a user who has lost them, and ends every login of the user. */
  async reset(tx: Transaction, user: User, context: AuditContext): Promise<void> {
    await this.repository.lock(tx, user.key);
    await this.#deleteAll(tx, user.key);
    await this.users.raiseEpoch(tx, user.key);
    await this.#record(tx, 'second_factors_reset', user, context);
  }

  async #spend(tx: Transaction, factors: readonly SecondFactorEntity[], code: string): Promise<boolean> {
    const now = Date.now();
    for (const { id, secret } of factors.filter(({ type }) => type === 'totp')) {
      const step = totpStepOf(code, this.secrets.unseal(TOTP_SECRET, secret, id), now);
      if (step !== null && (await this.repository.spendStep(tx, id, step, latestTotpStep(now)))) return true;
    }
    return false;
  }

  async #deleteAll(tx: Transaction, userKey: number): Promise<void> {
    await this.repository.deleteAll(tx, userKey);
    await this.passkeys.deleteAll(tx, userKey);
    await this.users.setSecondFactor(tx, userKey, false);
  }

  #withoutSecret({ secret, ...factor }: SecondFactorEntity): ListedFactor {
    if (factor.type !== 'email_code') return { ...factor, address: null };
    return { ...factor, address: maskEmailAddress(unsealAddress(this.secrets, factor.id, secret)) };
  }

  #record(
    tx: Transaction,
    kind: AuditKind,
    { sub }: User,
    context: AuditContext,
    detail: AuditDetail = {},
  ): Promise<void> {
    return this.audit.record(tx, { ...context, kind, outcome: 'success', subject: sub, detail });
  }
}

/** Whether logins can require the factor. */
function isConfirmed({ confirmedAt }: SecondFactorEntity): boolean {
  return confirmedAt !== null;
}
