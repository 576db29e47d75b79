import { BigintColumn, BytesColumn, IdColumn, TextColumn, TimeColumn } from '@latchkey/platform/database';
import { Entity, Index } from 'typeorm';

@Entity('second_factors', { withoutRowid: true })
@Index('second_factors_user_key', ['userKey'])
export class SecondFactorEntity {
  @IdColumn({ primary: true }) id!: string;
  @BigintColumn() userKey!: number;
  @TextColumn() type!: 'totp' | 'email_code';
  /** Of `totp` its secret, of `email_code` the address; sealed, see `StoredSecrets`. */
  @BytesColumn() secret!: Buffer;
  /** The time step of the last code that was accepted; -1 where there is none. */
  @BigintColumn() lastStep!: number;
  /** Those before it too, the last one first, each between spaces. */
  @TextColumn({ default: ' ' }) spentSteps!: string;
  /** Keyed hashes, one after another, of the recovery codes that were shown with the secret, until its first code confirms both. */
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
