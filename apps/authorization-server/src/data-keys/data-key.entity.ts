import type { Dialect } from '@latchkey/platform/database';
import { EntitySchema } from 'typeorm';
import { columns } from '../database/columns.js';

export function dataKeyEntity(dialect: Dialect): EntitySchema {
  const column = columns(dialect);
  return new EntitySchema({
    name: 'DataKey',
    tableName: 'data_keys',
    columns: {
      kid: { ...column.text, primary: true },
      purpose: column.text,
      state: column.text,
      wrapped: column.bytes,
      createdAt: column.time,
    },
  });
}
