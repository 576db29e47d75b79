import type { DatabaseSchema } from '@latchkey/platform/database';
import { Resource, ResourcePermission } from '../resources/resource.entity.js';
import { Initial1764000000000 } from './migrations/1764000000000-initial.js';

export const resourceServerSchema: DatabaseSchema = {
  migrationsTable: 'resource_server_migrations',
  entities: [Resource, ResourcePermission],
  migrations: [Initial1764000000000],
};
