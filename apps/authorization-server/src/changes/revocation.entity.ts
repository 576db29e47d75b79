import { IntegerColumn, KeyColumn, TextColumn, TimeColumn } from '@latchkey/platform/database';
import { Entity, Index } from 'typeorm';

/** What ended tokens, for as long as one of them could live; rows are only added, and deleted when they expire. */
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
  /** Of a session: whose it was. */
  @TextColumn({ nullable: true }) clientId!: string | null;
  @TimeColumn() at!: number;
  @TimeColumn() expiresAt!: number;
}
