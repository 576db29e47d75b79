import type { Dialect } from '@latchkey/platform';
import { EntitySchema } from 'typeorm';
import { columns } from '../database/columns.js';

export function clientEntity(dialect: Dialect): EntitySchema {
  const column = columns(dialect);
  return new EntitySchema({
    name: 'Client',
    tableName: 'clients',
    columns: {
      key: column.key,
      clientId: column.text,
      clientName: column.text,
      clientType: column.text,
      grantTypes: column.text,
      scope: column.text,
      defaultScope: column.nullable(column.text),
      audience: column.text,
      accessTokenFormat: column.text,
      accessTokenSigningAlg: { ...column.text, default: 'ES256' },
      accessTokenTtl: column.nullable(column.integer),
      refreshTokenPolicy: column.text,
      refreshTokenMaxUses: column.nullable(column.integer),
      refreshTokenTtl: column.nullable(column.integer),
      refreshTokenIdleTtl: column.nullable(column.integer),
      refreshTokenGrace: column.nullable(column.integer),
      refreshTokenMaxRetries: column.nullable(column.integer),
      mayIntrospect: column.boolean,
      forwardsEndUserAddress: column.boolean,
      passwordGrantUntil: column.nullable(column.text),
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
