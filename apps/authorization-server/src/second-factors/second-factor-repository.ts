import { Injectable } from '@nestjs/common';
import { Database, idToBytes, type Reader, type Transaction } from '@latchkey/platform/database';
import sql, { raw } from 'sql-template-tag';
import { IsNull, Not } from 'typeorm';
import { PasskeyEntity } from './passkey.entity.js';
import { RecoveryCodeEntity, SecondFactorEntity } from './second-factor.entity.js';

/** More than a user needs, and few enough to be tried one after another. */
export const MAX_SECOND_FACTORS = 10;

/** Maximum characters of the list of spent steps: about forty codes. */
const SPENT_STEPS_LENGTH = 400;

/** What is stored of a new factor. */
export type NewSecondFactor = Pick<SecondFactorEntity, 'id' | 'userKey' | 'type' | 'secret'> &
  Partial<Pick<SecondFactorEntity, 'recoveryCodes'>>;

/** A user has the maximum number of second factors. */
export class TooManySecondFactorsError extends Error {
  override readonly name = 'TooManySecondFactorsError';
}

/** A user with a second factor must present it to add another one. */
export class HasSecondFactorError extends Error {
  override readonly name = 'HasSecondFactorError';
}

@Injectable()
export class SecondFactorRepository {
  constructor(private readonly database: Database) {}

  /** Serialises the transactions that change the factors of one user. */
  lock(tx: Transaction, userKey: number): Promise<void> {
    return tx.lock(`second factors ${userKey}`);
  }

  /** Number of second factors of a user, including passkeys and unconfirmed ones. */
  async count({ manager }: Reader, userKey: number): Promise<number> {
    const codes = await manager.countBy(SecondFactorEntity, { userKey });
    return codes + (await manager.countBy(PasskeyEntity, { userKey }));
  }

  /** @throws TooManySecondFactorsError when there is no room for another one */
  async assertRoom(reader: Reader, userKey: number): Promise<void> {
    if ((await this.count(reader, userKey)) >= MAX_SECOND_FACTORS) throw new TooManySecondFactorsError();
  }

  /** Oldest first. */
  list({ manager }: Reader, userKey: number): Promise<SecondFactorEntity[]> {
    return manager.find(SecondFactorEntity, {
      where: { userKey },
      order: { id: 'ASC' },
      take: MAX_SECOND_FACTORS,
    });
  }

  /** Whether the user has a factor that logins can require. */
  async hasConfirmed({ manager }: Reader, userKey: number): Promise<boolean> {
    const isConfirmed = { userKey, confirmedAt: Not(IsNull()) };
    if (await manager.existsBy(SecondFactorEntity, isConfirmed)) return true;
    return manager.existsBy(PasskeyEntity, { userKey });
  }

  async insert({ manager }: Transaction, factor: NewSecondFactor, isConfirmed = false): Promise<void> {
    const createdAt = () => this.database.now.sql;
    await manager.insert(SecondFactorEntity, {
      ...factor,
      lastStep: -1,
      spentSteps: ' ',
      ...(isConfirmed && { confirmedAt: createdAt }),
      createdAt,
    });
  }

  /**
   * Spends a time step, which confirms the factor. A single statement decides, so that a code is accepted only once:
   * across replicas, parallel requests and restarts.
   *
   * @param latest the last step whose code may be valid now. If the stored step is higher, the clock was set back
   *   since; earlier steps are then valid again, except those that are known to be spent
   * @returns false when a code of this or of a later step was accepted before, or the factor was deleted
   */
  async spendStep(tx: Transaction, id: string, step: number, latest: number): Promise<boolean> {
    const { now } = this.database;
    const spent = await tx.query(sql`
      UPDATE second_factors
      SET last_step = ${step}, spent_steps = substr(${` ${step}`} || spent_steps, 1, ${raw(String(SPENT_STEPS_LENGTH))}),
        last_used_at = ${now}, confirmed_at = COALESCE(confirmed_at, ${now})
      WHERE id = ${idToBytes(id)} AND (last_step < ${step} OR last_step > ${latest})
        AND spent_steps NOT LIKE ${`% ${step} %`} RETURNING id`);
    return spent.length === 1;
  }

  /** @returns its type; `null` when the user has no such factor */
  async delete(
    { manager }: Transaction,
    userKey: number,
    id: string,
  ): Promise<SecondFactorEntity['type'] | null> {
    const factor = await manager.findOneBy(SecondFactorEntity, { id, userKey });
    if (factor === null) return null;
    await manager.delete(SecondFactorEntity, { id });
    return factor.type;
  }

  /** Deletes the factors that were never confirmed. */
  async deletePending(tx: Transaction, userKey: number): Promise<void> {
    await tx.query(sql`DELETE FROM second_factors WHERE user_key = ${userKey} AND confirmed_at IS NULL`);
  }

  /** Deletes all factors and the recovery codes. */
  async deleteAll({ manager }: Transaction, userKey: number): Promise<void> {
    await manager.delete(SecondFactorEntity, { userKey });
    await manager.delete(RecoveryCodeEntity, { userKey });
  }

  /** Replaces the recovery codes. @param digests keyed hashes */
  async setRecoveryCodes(
    { manager }: Transaction,
    userKey: number,
    digests: readonly Buffer[],
  ): Promise<void> {
    await manager.delete(RecoveryCodeEntity, { userKey });
    await manager.insert(
      RecoveryCodeEntity,
      digests.map((digest) => ({ userKey, digest })),
    );
  }

  /** The codes that were shown with a secret that was just confirmed. @returns concatenated keyed hashes, or `null` */
  async takeConfirmedRecoveryCodes(tx: Transaction, userKey: number): Promise<Buffer | null> {
    const factors = await this.list(tx, userKey);
    const confirmed = factors.find(
      ({ confirmedAt, recoveryCodes }) => confirmedAt !== null && recoveryCodes !== null,
    );
    if (confirmed === undefined) return null;
    await tx.manager.update(SecondFactorEntity, { id: confirmed.id }, { recoveryCodes: null });
    return confirmed.recoveryCodes;
  }

  /** A single statement decides. @returns false when the user has no such code, or it was spent before */
  async spendRecoveryCode(tx: Transaction, userKey: number, digest: Buffer): Promise<boolean> {
    const spent = await tx.query(
      sql`DELETE FROM recovery_codes WHERE user_key = ${userKey} AND digest = ${digest} RETURNING user_key`,
    );
    return spent.length === 1;
  }

  countRecoveryCodes({ manager }: Reader, userKey: number): Promise<number> {
    return manager.countBy(RecoveryCodeEntity, { userKey });
  }
}
