import type { Dialect } from '@latchkey/platform/database';
import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';
import { columns } from '../database/columns.js';
import { mapFields, type ClientField } from './client-fields.js';

export function clientEntity(dialect: Dialect): EntitySchema {
  const column = columns(dialect);
  const fieldColumn = (field: ClientField): EntitySchemaColumnOptions => {
    const type = field.type === 'integer' || field.type === 'boolean' ? column[field.type] : column.text;
    return 'nullable' in field ? column.nullable(type) : type;
  };
  return new EntitySchema({
    name: 'Client',
    tableName: 'clients',
    columns: {
      key: column.key,
      clientId: column.text,
      ...mapFields(fieldColumn),
      accessTokenSigningAlg: { ...column.text, default: 'ES256' },
      disabledBy: column.nullable(column.text),
      epoch: column.integer,
      version: { ...column.integer, default: 0 },
      createdAt: column.time,
      updatedAt: column.time,
    },
    indices: [
      { name: 'clients_client_id', columns: ['clientId'], unique: true },
      { name: 'clients_access_token_ttl', columns: ['accessTokenTtl'] },
      // See the user's.
      { name: 'clients_client_name', columns: ['clientName', 'clientId'], synchronize: dialect === 'sqlite' },
      ...(dialect === 'postgres'
        ? [{ name: 'clients_client_id_bytes', columns: ['clientId'], synchronize: false as const }]
        : []),
      { name: 'clients_scope', columns: ['scope'], synchronize: dialect === 'sqlite' },
    ],
  });
}

export function clientSecretEntity(dialect: Dialect): EntitySchema {
  const column = columns(dialect);
  return new EntitySchema({
    name: 'ClientSecret',
    tableName: 'client_secrets',
    columns: {
      id: { ...column.id, primary: true },
      clientKey: column.bigint,
      hash: column.text,
      createdAt: column.time,
      expiresAt: column.nullable(column.time),
      lastUsedAt: column.nullable(column.time),
    },
    indices: [{ name: 'client_secrets_client_key', columns: ['clientKey'] }],
  });
}
