import { Injectable } from '@nestjs/common';
import {
  Database,
  idToBytes,
  insertInto,
  type Reader,
  type Row,
  type Transaction,
} from '@latchkey/platform/database';
import sql from 'sql-template-tag';
import { PasskeyChallengeEntity, PasskeyEntity } from './passkey.entity.js';
import { MAX_SECOND_FACTORS } from './second-factor-repository.js';

interface ChallengeRow extends Row {
  challenge: Buffer;
}

@Injectable()
export class PasskeyRepository {
  constructor(private readonly database: Database) {}

  /** Oldest first. */
  list({ manager }: Reader, userKey: number): Promise<PasskeyEntity[]> {
    return manager.find(PasskeyEntity, {
      where: { userKey },
      order: { id: 'ASC' },
      take: MAX_SECOND_FACTORS,
    });
  }

  /** Replaces the current challenge. @param lifetimeMs how long it is valid, in milliseconds */
  async setChallenge(userKey: number, challenge: Buffer, lifetimeMs: number): Promise<void> {
    const expiresAt = sql`${this.database.now} + ${lifetimeMs}`;
    await this.database.execute(sql`
      INSERT INTO passkey_challenges (user_key, challenge, expires_at) VALUES (${userKey}, ${challenge}, ${expiresAt})
      ON CONFLICT (user_key) DO UPDATE SET challenge = excluded.challenge, expires_at = excluded.expires_at
      RETURNING user_key`);
  }

  /** One statement decides, so that a challenge is accepted once. @returns `null`: there is none, or it expired */
  async takeChallenge(userKey: number): Promise<Buffer | null> {
    const [taken] = await this.database.execute<ChallengeRow>(sql`
      DELETE FROM passkey_challenges WHERE user_key = ${userKey} AND expires_at > ${this.database.now}
      RETURNING challenge`);
    return taken?.challenge ?? null;
  }

  /** @returns false when the credential is registered already */
  async insert(tx: Transaction, passkey: Omit<PasskeyEntity, 'createdAt' | 'lastUsedAt'>): Promise<boolean> {
    const row = { ...this.database.toRow(PasskeyEntity, passkey), created_at: this.database.now };
    const inserted = await tx.query(
      sql`${insertInto('passkeys', row)} ON CONFLICT (credential_id) DO NOTHING RETURNING id`,
    );
    return inserted.length === 1;
  }

  /**
   * Records a use. A single statement decides, so that one of two uses with the same counter is refused.
   *
   * @returns false when the counter did not increase, or the passkey was deleted
   */
  async spend(tx: Transaction, id: string, signCount: number, backedUp: boolean): Promise<boolean> {
    const { backed_up: stored } = this.database.toRow(PasskeyEntity, { backedUp });
    const hasNotGoneBack = signCount === 0 ? sql`sign_count = 0` : sql`sign_count < ${signCount}`;
    const spent = await tx.query(sql`
      UPDATE passkeys SET sign_count = ${signCount}, backed_up = ${stored}, last_used_at = ${this.database.now}
      WHERE id = ${idToBytes(id)} AND ${hasNotGoneBack} RETURNING id`);
    return spent.length === 1;
  }

  exists({ manager }: Reader, id: string): Promise<boolean> {
    return manager.existsBy(PasskeyEntity, { id });
  }

  /** @returns false when the user has no such passkey */
  async delete({ manager }: Transaction, userKey: number, id: string): Promise<boolean> {
    if (!(await manager.existsBy(PasskeyEntity, { id, userKey }))) return false;
    await manager.delete(PasskeyEntity, { id });
    return true;
  }

  /** Deletes all passkeys, and the current challenge. */
  async deleteAll({ manager }: Transaction, userKey: number): Promise<void> {
    await manager.delete(PasskeyEntity, { userKey });
    await manager.delete(PasskeyChallengeEntity, { userKey });
  }
}
