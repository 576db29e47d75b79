import { Inject, Injectable } from '@nestjs/common';
import { Database, newId, type Reader, type Transaction } from '@latchkey/platform/database';
import type { AuditContext, AuditKind } from '../audit/audit-event.js';
import { AuditLog } from '../audit/audit-log.js';
import type { AuthorizationServerConfig } from '../config/authorization-server-config.js';
import { CONFIG } from '../config/config.token.js';
import { DataKeysService } from '../data-keys/data-keys.service.js';
import { StoredSecrets } from '../data-keys/stored-secrets.js';
import type { User } from '../users/user.js';
import { UserRepository } from '../users/user-repository.js';
import { newRecoveryCodes, normalizeRecoveryCode } from './recovery-code.js';
import type { SecondFactorEntity } from './second-factor.entity.js';
import type { PasskeyEntity } from './passkey.entity.js';
import { PasskeyRepository } from './passkey-repository.js';
import { SecondFactorRepository } from './second-factor-repository.js';
import { latestTotpStep, newTotpSecret, otpauthUri, totpSecretText, totpStepOf } from './totp.js';

/** What keeps keyed hashes and sealed secrets of second factors apart from others. */
const RECOVERY_CODE = 'recovery code';
const TOTP_SECRET = 'TOTP secret';

/** A user who has a second factor must show it to add another one. */
export class HasSecondFactorError extends Error {
  override readonly name = 'HasSecondFactorError';
}

/** A new factor, as its user sees it: once. */
export interface ShownTotp {
  readonly id: string;
  /** In base32. */
  readonly secret: string;
  /** For an authenticator application, as text or QR code. */
  readonly uri: string;
}

export interface SecondFactors {
  readonly factors: readonly SecondFactorEntity[];
  readonly passkeys: readonly PasskeyEntity[];
  /** How many recovery codes are left. */
  readonly recoveryCodes: number;
}

/** The second factors of users. Each change is audited, in the transaction of the change. */
@Injectable()
export class SecondFactorsService {
  constructor(
    private readonly database: Database,
    private readonly repository: SecondFactorRepository,
    private readonly passkeys: PasskeyRepository,
    private readonly users: UserRepository,
    private readonly keys: DataKeysService,
    private readonly secrets: StoredSecrets,
    private readonly audit: AuditLog,
    @Inject(CONFIG) private readonly config: AuthorizationServerConfig,
  ) {}

  async list(reader: Reader, userKey: number): Promise<SecondFactors> {
    const factors = await this.repository.list(reader, userKey);
    const passkeys = await this.passkeys.list(reader, userKey);
    return { factors, passkeys, recoveryCodes: await this.repository.countRecoveryCodes(reader, userKey) };
  }

  /**
   * Gives a user a new secret, in place of one that was never confirmed. It is asked for only once a code of it was shown.
   *
   * @param onlyFirst what was shown so far is good for a first factor only
   * @throws TooManySecondFactorsError
   * @throws HasSecondFactorError
   */
  async enrolTotp({ key, username }: User, onlyFirst = false): Promise<ShownTotp> {
    const id = newId();
    const secret = newTotpSecret();
    const sealed = this.secrets.seal(TOTP_SECRET, secret, id);
    await this.database.transaction(async (tx) => {
      await this.repository.lock(tx, key);
      await this.repository.deletePending(tx, key);
      if (onlyFirst && (await this.repository.count(tx, key)) > 0) throw new HasSecondFactorError();
      await this.repository.assertRoom(tx, key);
      await this.repository.insertTotp(tx, id, key, sealed);
    });
    const { host } = new URL(this.config.issuer);
    return { id, secret: totpSecretText(secret), uri: otpauthUri(secret, host, username) };
  }

  /** Gives a user who was just created the secret that another system has: it is asked for from the first login on. */
  async importTotp(tx: Transaction, user: User, secret: Buffer, context: AuditContext): Promise<void> {
    const id = newId();
    await this.repository.insertTotp(tx, id, user.key, this.secrets.seal(TOTP_SECRET, secret, id), true);
    await this.users.setSecondFactor(tx, user.key, true);
    await this.#record(tx, 'second_factor_added', user, context);
  }

  /**
   * Confirms a new secret by a code of it.
   *
   * @returns false when the code is wrong, or the secret does not wait for it
   */
  async confirmTotp(
    tx: Transaction,
    user: User,
    id: string,
    code: string,
    context: AuditContext,
  ): Promise<boolean> {
    await this.repository.lock(tx, user.key);
    const factors = await this.repository.list(tx, user.key);
    const pending = factors.filter((factor) => !isConfirmed(factor) && factor.id === id);
    return this.#confirm(tx, pending, user, code, context);
  }

  /** @returns false when the code is wrong, or was used before */
  async spendTotp(tx: Transaction, userKey: number, code: string): Promise<boolean> {
    return this.#spend(tx, (await this.repository.list(tx, userKey)).filter(isConfirmed), code);
  }

  /**
   * The same; the first code of a user without a second factor, a passkey included, confirms the new secret. What is stored decides who that is:
   * what a server has in memory may be of before the enrolment.
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
    return this.#confirm(tx, factors, user, code, context);
  }

  /** @returns false when it is none of the user's, or was used before */
  async spendRecoveryCode(
    tx: Transaction,
    user: User,
    text: string,
    context: AuditContext,
  ): Promise<boolean> {
    const code = normalizeRecoveryCode(text);
    if (code === null) return false;
    const spent = await this.repository.spendRecoveryCode(tx, user.key, this.#digest(user.key, code));
    if (spent) await this.#record(tx, 'recovery_code_used', user, context);
    return spent;
  }

  /** New recovery codes in place of those so far, as they are shown to the user: once. */
  async renewRecoveryCodes(tx: Transaction, user: User, context: AuditContext): Promise<string[]> {
    const codes = newRecoveryCodes();
    const digests = codes.map((code) => this.#digest(user.key, normalizeRecoveryCode(code) ?? ''));
    await this.repository.lock(tx, user.key);
    await this.repository.setRecoveryCodes(tx, user.key, digests);
    await this.#record(tx, 'recovery_codes_renewed', user, context);
    return codes;
  }

  /** The recovery codes go with the last factor. @returns false when the user has no such factor */
  async remove(tx: Transaction, user: User, id: string, context: AuditContext): Promise<boolean> {
    await this.repository.lock(tx, user.key);
    const removed =
      (await this.repository.delete(tx, user.key, id)) || (await this.passkeys.delete(tx, user.key, id));
    if (!removed) return false;
    const left = await this.repository.list(tx, user.key);
    const passkeys = await this.passkeys.list(tx, user.key);
    if (passkeys.length === 0 && !left.some(isConfirmed)) {
      await this.#deleteAll(tx, user.key);
    }
    await this.#record(tx, 'second_factor_removed', user, context);
    return true;
  }

  /** All factors and recovery codes, for a user who has lost them. Every login of the user ends. */
  async reset(tx: Transaction, user: User, context: AuditContext): Promise<void> {
    await this.repository.lock(tx, user.key);
    await this.#deleteAll(tx, user.key);
    await this.users.raiseEpoch(tx, user.key);
    await this.#record(tx, 'second_factors_reset', user, context);
  }

  async #confirm(
    tx: Transaction,
    pending: readonly SecondFactorEntity[],
    user: User,
    code: string,
    context: AuditContext,
  ): Promise<boolean> {
    if (!(await this.#spend(tx, pending, code))) return false;
    await this.users.setSecondFactor(tx, user.key, true);
    await this.#record(tx, 'second_factor_added', user, context);
    return true;
  }

  async #spend(tx: Transaction, factors: readonly SecondFactorEntity[], code: string): Promise<boolean> {
    const now = Date.now();
    for (const { id, secret } of factors) {
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

  #digest(userKey: number, code: string): Buffer {
    return Buffer.from(this.keys.digest(RECOVERY_CODE, `${userKey} ${code}`), 'base64url');
  }

  #record(tx: Transaction, kind: AuditKind, { sub }: User, context: AuditContext): Promise<void> {
    return this.audit.record(tx, { ...context, kind, outcome: 'success', subject: sub });
  }
}

/** One that is asked for. */
function isConfirmed({ confirmedAt }: SecondFactorEntity): boolean {
  return confirmedAt !== null;
}
