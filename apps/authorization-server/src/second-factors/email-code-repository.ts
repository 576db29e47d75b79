import { Injectable } from '@nestjs/common';
import { Database, idToBytes, type Transaction } from '@latchkey/platform/database';
import sql from 'sql-template-tag';
import { EMAIL_CODE_LIFETIME } from './email-code.js';

const LIFETIME_MS = EMAIL_CODE_LIFETIME * 1000;

@Injectable()
export class EmailCodeRepository {
  constructor(private readonly database: Database) {}

  /** Stores a code, and replaces an earlier one for the same purpose. @param digest a keyed hash */
  async put(tx: Transaction, id: string, factorId: string, digest: Buffer): Promise<void> {
    const { now } = this.database;
    await tx.query(sql`
      INSERT INTO email_codes (id, factor_id, digest, expires_at)
      VALUES (${idToBytes(id)}, ${idToBytes(factorId)}, ${digest}, ${now} + ${LIFETIME_MS})
      ON CONFLICT (id) DO UPDATE
      SET factor_id = excluded.factor_id, digest = excluded.digest, expires_at = excluded.expires_at`);
  }

  /**
   * Spends a code, which confirms its factor. A single statement decides, so that a code is accepted only once: across
   * replicas, parallel requests and restarts. A clock that was set back does not extend the life of a code.
   *
   * @returns false when it is wrong, expired or spent, or its factor was deleted or belongs to another user
   */
  async spend(tx: Transaction, id: string, userKey: number, digest: Buffer): Promise<boolean> {
    const { now } = this.database;
    const [code] = await tx.query<{ factor_id: Buffer }>(sql`
      DELETE FROM email_codes
      WHERE id = ${idToBytes(id)} AND digest = ${digest}
        AND expires_at > ${now} AND expires_at <= ${now} + ${LIFETIME_MS}
      RETURNING factor_id`);
    if (code === undefined) return false;
    const factors = await tx.query(sql`
      UPDATE second_factors SET last_used_at = ${now}, confirmed_at = COALESCE(confirmed_at, ${now})
      WHERE id = ${code.factor_id} AND user_key = ${userKey} AND type = 'email_code' RETURNING id`);
    return factors.length === 1;
  }
}
