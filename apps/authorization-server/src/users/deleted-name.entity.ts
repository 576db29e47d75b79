import { TextColumn, TimeColumn } from '@latchkey/platform/database';
import { Entity } from 'typeorm';

/** Deleted names, and who deleted them: no configuration file restores what an administrator deleted. */
@Entity('deleted_names')
export class DeletedNameEntity {
  @TextColumn({ primary: true }) kind!: string;
  @TextColumn({ primary: true }) name!: string;
  @TimeColumn() deletedAt!: number;
  @TextColumn({ default: 'administrator' }) deletedBy!: string;
}
