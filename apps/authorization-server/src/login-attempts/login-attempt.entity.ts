import {
  BigintColumn,
  BytesColumn,
  IdColumn,
  IntegerColumn,
  TextColumn,
  TimeColumn,
} from '@latchkey/platform/database';
import { Entity, Index } from 'typeorm';
import type { Acr } from '../tokens/authentication-context.js';

/** A login that waits for a second factor, or whose answer may be asked for again. */
@Entity('login_attempts', { withoutRowid: true })
@Index('login_attempts_expires_at', ['expiresAt'])
export class LoginAttemptEntity {
  @IdColumn({ primary: true }) id!: string;
  @BigintColumn() clientKey!: number;
  @IntegerColumn() clientEpoch!: number;
  @BigintColumn() userKey!: number;
  @IntegerColumn() userEpoch!: number;
  @TextColumn() scope!: string;
  @TextColumn() audience!: string;
  @TextColumn({ nullable: true }) address!: string | null;
  /** What the client asked for by `acr_values`, as far as this user can satisfy it. */
  @TextColumn({ nullable: true }) acr!: Acr | null;
  @BytesColumn() seed!: Buffer;
  /** Raised by each proof that was accepted. */
  @IntegerColumn() generation!: number;
  @TimeColumn() createdAt!: number;
  @TimeColumn() expiresAt!: number;
  /** The authorization that it ended with. */
  @IdColumn({ nullable: true }) sid!: string | null;
  /** A keyed hash of the proof that ended it, and when that was. */
  @BytesColumn({ nullable: true }) answeredBy!: Buffer | null;
  @TimeColumn({ nullable: true }) answeredAt!: number | null;
  /** What a passkey has to sign, and until when; `null`: nothing was asked for, or it is spent. */
  @BytesColumn({ nullable: true }) challenge!: Buffer | null;
  @TimeColumn({ nullable: true }) challengeExpiresAt!: number | null;
}
