import { TextColumn, TimeColumn } from '@latchkey/platform/database';
import { Entity, Index } from 'typeorm';

@Entity('scopes')
// On PostgreSQL only, for the same reason as the index of users.
@Index('scopes_name_bytes', { synchronize: false })
export class ScopeEntity {
  @TextColumn({ primary: true }) name!: string;
  @TextColumn() description!: string;
  @TimeColumn() createdAt!: number;
}
