import { TextColumn, TimeColumn } from '@latchkey/platform/database';
import { Entity, Index } from 'typeorm';

@Entity('scopes')
// On PostgreSQL alone: see the user's.
@Index('scopes_name_bytes', { synchronize: false })
export class ScopeEntity {
  @TextColumn({ primary: true }) name!: string;
  @TextColumn() description!: string;
  @TimeColumn() createdAt!: number;
}
