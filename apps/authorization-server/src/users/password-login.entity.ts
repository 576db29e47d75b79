import { BigintColumn, TimeColumn } from '@latchkey/platform/database';
import { Entity, Index } from 'typeorm';

@Entity('password_logins', { withoutRowid: true })
@Index('password_logins_client_key', ['clientKey', 'userKey'])
export class PasswordLoginEntity {
  @BigintColumn({ primary: true }) userKey!: number;
  @BigintColumn({ primary: true }) clientKey!: number;
  @BigintColumn() logins!: number;
  @TimeColumn() lastAt!: number;
}
