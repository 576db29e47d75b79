import { BooleanColumn, IntegerColumn, KeyColumn, TextColumn, TimeColumn } from '@latchkey/platform/database';
import { Entity, Index } from 'typeorm';
import { withColumns } from '../fields/field-columns.js';
import type { Authority } from './deleted-names.js';
import { USER_FIELDS } from './user-fields.js';

@Entity('users')
@Index('users_sub', ['sub'], { unique: true })
@Index('users_password_hash_cost', ['passwordHashCost'])
@Index('users_username', ['username'], { unique: true })
// In byte order, as users are listed; only on PostgreSQL, whose default order differs. TypeORM cannot express it.
@Index('users_username_bytes', { synchronize: false })
@Index('users_allowed_scope', { synchronize: false })
export class UserEntity extends withColumns(USER_FIELDS) {
  @KeyColumn() key!: number;
  @TextColumn() sub!: string;
  @TextColumn() username!: string;
  @TextColumn() passwordHash!: string;
  /** See `costOf`. */
  @TextColumn({ default: '' }) passwordHashCost!: string;
  @BooleanColumn({ default: false }) passwordChangeRequired!: boolean;
  /** Whether a second factor of the user is confirmed. */
  @BooleanColumn({ default: false }) hasSecondFactor!: boolean;
  @TextColumn({ nullable: true }) disabledBy!: Authority | null;
  @IntegerColumn() epoch!: number;
  @IntegerColumn({ default: 0 }) version!: number;
  @TimeColumn() createdAt!: number;
  @TimeColumn() updatedAt!: number;
}
