import { Injectable } from '@nestjs/common';
import type { Transaction } from '@latchkey/platform/database';
import type { AuditContext, AuditKind } from '../audit/audit-event.js';
import { AuditLog } from '../audit/audit-log.js';
import { DataKeysService } from '../data-keys/data-keys.service.js';
import type { User } from '../users/user.js';
import { newRecoveryCodes, normalizeRecoveryCode } from './recovery-code.js';
import { SecondFactorRepository } from './second-factor-repository.js';

/** Separates keyed hashes of recovery codes from others. */
const RECOVERY_CODE = 'recovery code';

/** Of a keyed hash. */
const DIGEST_BYTES = 32;

/** Recovery codes of users. Each change is audited, in the transaction of the change. */
@Injectable()
export class RecoveryCodesService {
  constructor(
    private readonly repository: SecondFactorRepository,
    private readonly keys: DataKeysService,
    private readonly audit: AuditLog,
  ) {}

  /** @returns false when the user has no such code, or it was used before */
  async spend(tx: Transaction, user: User, text: string, context: AuditContext): Promise<boolean> {
    const code = normalizeRecoveryCode(text);
    if (code === null) return false;
    const spent = await this.repository.spendRecoveryCode(tx, user.key, this.#digest(user.key, code));
    if (spent) await this.#record(tx, 'recovery_code_used', user, context);
    return spent;
  }

  /** @returns codes to show with a new secret, and their concatenated keyed hashes to store with it */
  makeWithSecret(userKey: number): { codes: string[]; stored: Buffer } {
    const { codes, digests } = this.#make(userKey);
    return { codes, stored: Buffer.concat(digests) };
  }

  /** Activates the codes that were shown with a secret that was just confirmed, unless the user has other codes. */
  async confirm(tx: Transaction, user: User, context: AuditContext): Promise<void> {
    const shown = await this.repository.takeConfirmedRecoveryCodes(tx, user.key);
    if (shown === null || (await this.repository.countRecoveryCodes(tx, user.key)) > 0) return;
    const digests = Array.from({ length: shown.length / DIGEST_BYTES }, (_, place) =>
      shown.subarray(place * DIGEST_BYTES, (place + 1) * DIGEST_BYTES),
    );
    await this.repository.setRecoveryCodes(tx, user.key, digests);
    await this.#record(tx, 'recovery_codes_renewed', user, context);
  }

  /** Replaces the codes. @returns the new ones, to be shown once; `null` when the user has no second factor */
  async renew(tx: Transaction, user: User, context: AuditContext): Promise<string[] | null> {
    const { codes, digests } = this.#make(user.key);
    await this.repository.lock(tx, user.key);
    // Not from the cached user, which may be older than the enrolment or the removal of a factor.
    if (!(await this.repository.hasConfirmed(tx, user.key))) return null;
    await this.repository.setRecoveryCodes(tx, user.key, digests);
    await this.#record(tx, 'recovery_codes_renewed', user, context);
    return codes;
  }

  #make(userKey: number): { codes: string[]; digests: Buffer[] } {
    const codes = newRecoveryCodes();
    return { codes, digests: codes.map((code) => this.#digest(userKey, normalizeRecoveryCode(code) ?? '')) };
  }

  #digest(userKey: number, code: string): Buffer {
    return Buffer.from(this.keys.digest(RECOVERY_CODE, `${userKey} ${code}`), 'base64url');
  }

  #record(tx: Transaction, kind: AuditKind, { sub }: User, context: AuditContext): Promise<void> {
    return this.audit.record(tx, { ...context, kind, outcome: 'success', subject: sub });
  }
}
