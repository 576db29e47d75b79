import { BytesColumn, IdColumn, TimeColumn } from '@latchkey/platform/database';
import { Entity, Index } from 'typeorm';

/** A code that was sent by e-mail and not used yet. */
@Entity('email_codes', { withoutRowid: true })
@Index('email_codes_expires_at', ['expiresAt'])
export class EmailCodeEntity {
  /** The login attempt that it is for, or the new factor whose address it proves. */
  @IdColumn({ primary: true }) id!: string;
  @IdColumn() factorId!: string;
  /** A keyed hash. */
  @BytesColumn() digest!: Buffer;
  @TimeColumn() expiresAt!: number;
}
