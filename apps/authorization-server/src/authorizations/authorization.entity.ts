import type { Dialect } from '@latchkey/platform/database';
import { EntitySchema } from 'typeorm';
import { columns } from '../database/columns.js';

/**
 * References to users and clients are keys without a constraint: deleting a user is then one row whatever the number
 * of sessions, and a reference that finds nothing is dead.
 */
export function authorizationEntity(dialect: Dialect): EntitySchema {
  const column = columns(dialect);
  return new EntitySchema({
    name: 'Authorization',
    tableName: 'authorizations',
    // The table is its primary key index: one copy of the id less in each row.
    withoutRowid: true,
    columns: {
      id: { ...column.id, primary: true },
      clientKey: column.bigint,
      clientEpoch: column.integer,
      userKey: column.nullable(column.bigint),
      userEpoch: column.nullable(column.integer),
      scope: column.text,
      audience: column.text,
      address: column.nullable(column.text),
      seed: column.nullable(column.bytes),
      generation: column.integer,
      createdAt: column.time,
      rotatedAt: column.nullable(column.time),
      rotatedFrom: column.nullable(column.text),
      retries: { ...column.integer, default: 0 },
      expiresAt: column.time,
      revokedAt: column.nullable(column.time),
    },
    indices: [
      { name: 'authorizations_user_key', columns: ['userKey'] },
      // In SQLite, the index above has the id in it anyway. On PostgreSQL it can go once no server is older than this one.
      ...(dialect === 'postgres' ? [{ name: 'authorizations_user_key_id', columns: ['userKey', 'id'] }] : []),
      { name: 'authorizations_expires_at', columns: ['expiresAt'] },
    ],
  });
}
