import { BytesColumn, TextColumn, TimeColumn } from '@latchkey/platform/database';
import { Entity } from 'typeorm';
import type { DataKeyPurpose, DataKeyState } from './data-key.js';

@Entity('data_keys')
export class DataKeyEntity {
  @TextColumn({ primary: true }) kid!: string;
  @TextColumn() purpose!: DataKeyPurpose;
  @TextColumn() state!: DataKeyState;
  @BytesColumn() wrapped!: Buffer;
  @TimeColumn() createdAt!: number;
}
