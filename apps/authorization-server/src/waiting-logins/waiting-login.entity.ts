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

/** A login that waits for a second factor, or whose response may be requested again. */
@Entity('login_attempts', { withoutRowid: true })
@Index('login_attempts_expires_at', ['expiresAt'])
export class WaitingLoginEntity {
  @IdColumn({ primary: true }) id!: string;
  @BigintColumn() clientKey!: number;
  @IntegerColumn() clientEpoch!: number;
  @BigintColumn() userKey!: number;
  @IntegerColumn() userEpoch!: number;
  @TextColumn() scope!: string;
  @TextColumn() audience!: string;
  @TextColumn({ nullable: true }) address!: string | null;
  /** The `acr` that the client requires and this user can satisfy. */
  @TextColumn({ nullable: true }) acr!: Acr | null;
  @BytesColumn() seed!: Buffer;
  /** Raised by each accepted proof. */
  @IntegerColumn() generation!: number;
  @TimeColumn() createdAt!: number;
  @TimeColumn() expiresAt!: number;
  /** The authorization that it created. */
  @IdColumn({ nullable: true }) sid!: string | null;
  /** A keyed hash of the proof that completed it, and the time. */
  @BytesColumn({ nullable: true }) answeredBy!: Buffer | null;
  @TimeColumn({ nullable: true }) answeredAt!: number | null;
  /** The challenge of a passkey, and its expiry; `null`: there is none, or it is spent. */
  @BytesColumn({ nullable: true }) challenge!: Buffer | null;
  @TimeColumn({ nullable: true }) challengeExpiresAt!: number | null;
}
