import { TextColumn, TimeColumn } from '@latchkey/platform/database';
import { Entity } from 'typeorm';
import { withColumns } from '../fields/field-columns.js';
import { SECOND_FACTOR_FIELDS } from '../fields/second-factor-rule.js';

/** Rules for all users of a group. Most groups have no row and exist only as names in tokens. */
@Entity('user_groups')
export class GroupEntity extends withColumns(SECOND_FACTOR_FIELDS) {
  @TextColumn({ primary: true }) name!: string;
  @TimeColumn() createdAt!: number;
  @TimeColumn() updatedAt!: number;
}
