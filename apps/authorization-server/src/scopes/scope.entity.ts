import type { Dialect } from '@latchkey/platform/database';
import { EntitySchema } from 'typeorm';
import { columns } from '../database/columns.js';

export function scopeEntity(dialect: Dialect): EntitySchema {
  const column = columns(dialect);
  return new EntitySchema({
    name: 'Scope',
    tableName: 'scopes',
    columns: {
      name: { ...column.text, primary: true },
      description: column.text,
      createdAt: column.time,
    },
    // See the user's.
    indices:
      dialect === 'postgres' ? [{ name: 'scopes_name_bytes', columns: ['name'], synchronize: false }] : [],
  });
}
