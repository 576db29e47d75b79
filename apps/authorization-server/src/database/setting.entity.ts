import { TextColumn } from '@latchkey/platform/database';
import { Entity } from 'typeorm';

/** Facts about the installation: the master key's check value, the digest of the applied configuration file. */
@Entity('settings')
export class SettingEntity {
  @TextColumn({ primary: true }) name!: string;
  @TextColumn() value!: string;
}
