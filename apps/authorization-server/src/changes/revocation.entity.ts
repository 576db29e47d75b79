import { IntegerColumn, KeyColumn, TextColumn, TimeColumn } from '@latchkey/platform/database';
import { Entity, Index } from 'typeorm';

/** Changes that ended tokens, kept until the last of these tokens has expired. Rows are never updated. */
@Entity('revocations')
@Index('revocations_subject', ['subject'])
@Index('revocations_expires_at', ['expiresAt'])
export class RevocationEntity {
  @KeyColumn() key!: number;
  @TextColumn() kind!: string;
  /** A `sid`, `sub` or `client_id`. */
  @TextColumn() subject!: string;
  @IntegerColumn({ nullable: true }) epoch!: number | null;
  @TextColumn({ nullable: true }) audience!: string | null;
  /** For an authorization: its client. */
  @TextColumn({ nullable: true }) clientId!: string | null;
  @TimeColumn() at!: number;
  @TimeColumn() expiresAt!: number;
}
