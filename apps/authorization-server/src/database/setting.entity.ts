import type { Dialect } from '@latchkey/platform/database';
import { EntitySchema } from 'typeorm';
import { columns } from './columns.js';

/** Facts about the installation: the master key's check value, the digest of the applied configuration file. */
export function settingEntity(dialect: Dialect): EntitySchema {
  const column = columns(dialect);
  return new EntitySchema({
    name: 'Setting',
    tableName: 'settings',
    columns: { name: { ...column.text, primary: true }, value: column.text },
  });
}

/** Names that were deleted, and by whom: what an administrator deleted, no configuration file brings back. */
export function deletedNameEntity(dialect: Dialect): EntitySchema {
  const column = columns(dialect);
  return new EntitySchema({
    name: 'DeletedName',
    tableName: 'deleted_names',
    columns: {
      kind: { ...column.text, primary: true },
      name: { ...column.text, primary: true },
      deletedAt: column.time,
      deletedBy: { ...column.text, default: 'administrator' },
    },
  });
}
