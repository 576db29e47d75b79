import {
  BigintColumn,
  BooleanColumn,
  BytesColumn,
  IdColumn,
  TextColumn,
  TimeColumn,
} from '@latchkey/platform/database';
import { Entity, Index } from 'typeorm';

/** A public key credential of a user (WebAuthn section 4, "credential record"). */
@Entity('passkeys', { withoutRowid: true })
@Index('passkeys_user_key', ['userKey'])
@Index('passkeys_credential_id', ['credentialId'], { unique: true })
export class PasskeyEntity {
  @IdColumn({ primary: true }) id!: string;
  @BigintColumn() userKey!: number;
  @BytesColumn() credentialId!: Buffer;
  /** A COSE key (RFC 9052 section 7). */
  @BytesColumn() publicKey!: Buffer;
  /** The highest counter that the authenticator has sent; 0 if it does not count. */
  @BigintColumn() signCount!: number;
  /** Whether the authenticator may copy it to other devices; never changes. */
  @BooleanColumn() backupEligible!: boolean;
  /** Whether it was copied at the last use. */
  @BooleanColumn() backedUp!: boolean;
  /** How the browser reaches the authenticator, separated by spaces. */
  @TextColumn() transports!: string;
  @TimeColumn() createdAt!: number;
  @TimeColumn({ nullable: true }) lastUsedAt!: number | null;
}

/** The challenge of a passkey that a user is adding. */
@Entity('passkey_challenges', { withoutRowid: true })
@Index('passkey_challenges_expires_at', ['expiresAt'])
export class PasskeyChallengeEntity {
  @BigintColumn({ primary: true }) userKey!: number;
  @BytesColumn() challenge!: Buffer;
  @TimeColumn() expiresAt!: number;
}
