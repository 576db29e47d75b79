import { idTransformer, type Dialect } from '@latchkey/platform/database';
import { EntitySchema } from 'typeorm';

export function resourceEntity(dialect: Dialect): EntitySchema {
  return new EntitySchema({
    name: 'Resource',
    tableName: 'resources',
    columns: {
      id: { type: dialect === 'sqlite' ? 'blob' : 'bytea', primary: true, transformer: idTransformer },
      owner: { type: 'text' },
      name: { type: 'text' },
      content: { type: 'text' },
      createdAt: { type: 'bigint' },
      updatedAt: { type: 'bigint' },
    },
    indices: [{ name: 'resources_owner', columns: ['owner', 'id'] }],
  });
}
