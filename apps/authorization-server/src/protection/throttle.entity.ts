import type { Dialect } from '@latchkey/platform';
import { EntitySchema } from 'typeorm';
import { columns } from '../database/columns.js';

export function throttleEntity(dialect: Dialect): EntitySchema {
  const column = columns(dialect);
  return new EntitySchema({
    name: 'Throttle',
    tableName: 'throttles',
    withoutRowid: true,
    columns: {
      key: { ...column.bytes, primary: true },
      attempts: column.integer,
      lastAt: column.time,
      known: column.boolean,
      expiresAt: column.time,
    },
    indices: [{ name: 'throttles_expires_at', columns: ['expiresAt'] }],
  });
}
