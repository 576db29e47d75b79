import {
  BigintColumn,
  BytesColumn,
  IdColumn,
  IntegerColumn,
  TextColumn,
  TimeColumn,
} from '@latchkey/platform/database';
import { Entity, Index } from 'typeorm';

/**
 * References to users and clients are keys without a constraint: deleting a user is then one row whatever the number
 * of sessions, and a reference that finds nothing is dead. The table is its primary key index: one copy of the id less in
 * each row.
 */
@Entity('authorizations', { withoutRowid: true })
@Index('authorizations_user_key', ['userKey'])
// On PostgreSQL alone, where the index above can go once no server is older than this one. SQLite has the id in it anyway.
@Index('authorizations_user_key_id', { synchronize: false })
@Index('authorizations_expires_at', ['expiresAt'])
export class AuthorizationEntity {
  @IdColumn({ primary: true }) id!: string;
  @BigintColumn() clientKey!: number;
  @IntegerColumn() clientEpoch!: number;
  @BigintColumn({ nullable: true }) userKey!: number | null;
  @IntegerColumn({ nullable: true }) userEpoch!: number | null;
  @TextColumn() scope!: string;
  @TextColumn() audience!: string;
  /** Of a login with more than a password. */
  @TextColumn({ nullable: true }) amr!: string | null;
  @TextColumn({ nullable: true }) address!: string | null;
  @BytesColumn({ nullable: true }) seed!: Buffer | null;
  @IntegerColumn() generation!: number;
  @TimeColumn() createdAt!: number;
  @TimeColumn({ nullable: true }) rotatedAt!: number | null;
  @TextColumn({ nullable: true }) rotatedFrom!: string | null;
  @IntegerColumn({ default: 0 }) retries!: number;
  @TimeColumn() expiresAt!: number;
  @TimeColumn({ nullable: true }) revokedAt!: number | null;
}
