import {
  BigintColumn,
  IdColumn,
  IntegerColumn,
  KeyColumn,
  TextColumn,
  TimeColumn,
} from '@latchkey/platform/database';
import { Entity, Index } from 'typeorm';
import { withColumns } from '../fields/field-columns.js';
import type { Authority } from '../users/deleted-names.js';
import { CLIENT_FIELDS } from './client-fields.js';

@Entity('clients')
@Index('clients_client_id', ['clientId'], { unique: true })
@Index('clients_access_token_ttl', ['accessTokenTtl'])
// For the same reason as the index of users.
@Index('clients_client_name', { synchronize: false })
@Index('clients_client_id_bytes', { synchronize: false })
@Index('clients_scope', { synchronize: false })
export class ClientEntity extends withColumns(CLIENT_FIELDS, { accessTokenSigningAlg: 'ES256' }) {
  @KeyColumn() key!: number;
  @TextColumn() clientId!: string;
  @TextColumn({ nullable: true }) disabledBy!: Authority | null;
  @IntegerColumn() epoch!: number;
  @IntegerColumn({ default: 0 }) version!: number;
  @TimeColumn() createdAt!: number;
  @TimeColumn() updatedAt!: number;
}

@Entity('client_secrets')
@Index('client_secrets_client_key', ['clientKey'])
export class ClientSecretEntity {
  @IdColumn({ primary: true }) id!: string;
  @BigintColumn() clientKey!: number;
  @TextColumn() hash!: string;
  @TimeColumn() createdAt!: number;
  /** `null`: never. */
  @TimeColumn({ nullable: true }) expiresAt!: number | null;
  /** Rounded to the hour; `null`: not used yet. */
  @TimeColumn({ nullable: true }) lastUsedAt!: number | null;
}
