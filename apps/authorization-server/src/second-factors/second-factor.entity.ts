import { BigintColumn, BytesColumn, IdColumn, TextColumn, TimeColumn } from '@latchkey/platform/database';
import { Entity, Index } from 'typeorm';

@Entity('second_factors', { withoutRowid: true })
@Index('second_factors_user_key', ['userKey'])
export class SecondFactorEntity {
  @IdColumn({ primary: true }) id!: string;
  @BigintColumn() userKey!: number;
  @TextColumn() type!: 'totp' | 'email_code';
  /** For `totp` the secret, for `email_code` the address; sealed, see `StoredSecrets`. */
  @BytesColumn() secret!: Buffer;
  /** The time step of the last accepted code; -1 without one. */
  @BigintColumn() lastStep!: number;
  /** The last spent steps, newest first, each between spaces. */
  @TextColumn({ default: ' ' }) spentSteps!: string;
  /** Concatenated keyed hashes of the recovery codes shown with the secret, until its first code confirms both. */
  @BytesColumn({ nullable: true }) recoveryCodes!: Buffer | null;
  @TimeColumn() createdAt!: number;
  /** `null`: the user has not shown a code of it yet. */
  @TimeColumn({ nullable: true }) confirmedAt!: number | null;
  @TimeColumn({ nullable: true }) lastUsedAt!: number | null;
}

@Entity('recovery_codes', { withoutRowid: true })
export class RecoveryCodeEntity {
  @BigintColumn({ primary: true }) userKey!: number;
  /** A keyed hash. */
  @BytesColumn({ primary: true }) digest!: Buffer;
}
