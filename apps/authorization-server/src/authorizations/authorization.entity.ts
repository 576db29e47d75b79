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
 * References to users and clients are keys without a constraint: deleting a user then deletes one row, whatever the
 * number of sessions, and an authorization whose user or client is missing is dead. The table is stored in its primary
 * key index, which saves one copy of the id in each row.
 */
@Entity('authorizations', { withoutRowid: true })
@Index('authorizations_user_key', ['userKey'])
// Only on PostgreSQL; it replaces the index above once no older server runs. SQLite includes the id in that index.
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
