import { TextColumn, TimeColumn } from '@latchkey/platform/database';
import { Entity } from 'typeorm';

/** Names that were deleted, and by whom: what an administrator deleted, no configuration file brings back. */
@Entity('deleted_names')
export class DeletedNameEntity {
  @TextColumn({ primary: true }) kind!: string;
  @TextColumn({ primary: true }) name!: string;
  @TimeColumn() deletedAt!: number;
  @TextColumn({ default: 'administrator' }) deletedBy!: string;
}
