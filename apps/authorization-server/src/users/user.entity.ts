import type { Dialect } from '@latchkey/platform';
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
      groups: column.text,
      allowedScope: column.nullable(column.text),
      disabledBy: column.nullable(column.text),
      epoch: column.integer,
      createdAt: column.time,
      updatedAt: column.time,
    },
    indices: [
      { name: 'users_sub', columns: ['sub'], unique: true },
      { name: 'users_username', columns: ['username'], unique: true },
    ],
  });
}
