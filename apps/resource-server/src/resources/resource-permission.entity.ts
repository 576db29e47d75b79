import { idTransformer, type Dialect } from '@latchkey/platform/database';
import { EntitySchema } from 'typeorm';

export function resourcePermissionEntity(dialect: Dialect): EntitySchema {
  return new EntitySchema({
    name: 'ResourcePermission',
    tableName: 'resource_permissions',
    columns: {
      resourceId: {
        type: dialect === 'sqlite' ? 'blob' : 'bytea',
        primary: true,
        transformer: idTransformer,
      },
      subject: { type: 'text', primary: true },
      access: { type: 'text' },
    },
    foreignKeys: [
      {
        name: 'resource_permissions_resource',
        target: 'Resource',
        columnNames: ['resourceId'],
        referencedColumnNames: ['id'],
        onDelete: 'CASCADE',
      },
    ],
    indices: [{ name: 'resource_permissions_subject', columns: ['subject', 'resourceId'] }],
  });
}
