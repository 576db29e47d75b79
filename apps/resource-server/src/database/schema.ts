import type { DatabaseSchema } from '@latchkey/platform/database';
import { resourceEntity } from '../resources/resource.entity.js';
import { resourcePermissionEntity } from '../resources/resource-permission.entity.js';
import { Initial1764000000000 } from './migrations/1764000000000-initial.js';

export const resourceServerSchema: DatabaseSchema = {
  migrationsTable: 'resource_server_migrations',
  entities: (dialect) => [resourceEntity(dialect), resourcePermissionEntity(dialect)],
  migrations: [Initial1764000000000],
};
