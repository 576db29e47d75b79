import type { Dialect } from '@latchkey/platform/database';
import { EntitySchema } from 'typeorm';
import { columns } from '../database/columns.js';

export function userEntity(dialect: Dialect): EntitySchema {
  const column = columns(dialect);
  return new EntitySchema({
    name: 'User',
    tableName: 'users',
    columns: {
      key: column.key,
      sub: column.text,
      username: column.text,
      passwordHash: column.text,
      /** See `costOf`. */
      passwordHashCost: { ...column.text, default: '' },
      groups: column.text,
      allowedScope: column.nullable(column.text),
      disabledBy: column.nullable(column.text),
      epoch: column.integer,
      version: { ...column.integer, default: 0 },
      passwordChangeRequired: { ...column.boolean, default: false },
      createdAt: column.time,
      updatedAt: column.time,
    },
    indices: [
      { name: 'users_sub', columns: ['sub'], unique: true },
      { name: 'users_password_hash_cost', columns: ['passwordHashCost'] },
      { name: 'users_username', columns: ['username'], unique: true },
      // In the order of bytes, in which they are listed, where the database has another order; TypeORM cannot say so.
      ...(dialect === 'postgres'
        ? [{ name: 'users_username_bytes', columns: ['username'], synchronize: false as const }]
        : []),
      { name: 'users_allowed_scope', columns: ['allowedScope'], synchronize: dialect === 'sqlite' },
    ],
  });
}
