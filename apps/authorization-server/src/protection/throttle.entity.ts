import type { Dialect } from '@latchkey/platform/database';
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
      /** Attempts that failed, and when the last one did. */
      attempts: column.integer,
      lastAt: column.time,
      known: column.boolean,
      expiresAt: column.time,
      /** Attempts in flight that began in this lease, and in the one before. */
      pending: { ...column.integer, default: 0 },
      pendingBefore: { ...column.integer, default: 0 },
      /** Number of the lease in which the last attempt began. */
      lease: { ...column.bigint, default: 0 },
    },
    indices: [{ name: 'throttles_expires_at', columns: ['expiresAt'] }],
  });
}
