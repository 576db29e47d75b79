import type { DatabaseSchema } from '@latchkey/platform';
import { auditEventEntity } from '../audit/audit-event.entity.js';
import { authorizationEntity } from '../authorizations/authorization.entity.js';
import { clientEntity, clientSecretEntity } from '../clients/client.entity.js';
import { dataKeyEntity } from '../data-keys/data-key.entity.js';
import { scopeEntity } from '../scopes/scope.entity.js';
import { userEntity } from '../users/user.entity.js';
import { throttleEntity } from '../protection/throttle.entity.js';
import { Initial1764000000000 } from './migrations/1764000000000-initial.js';
import { Throttles1764100000000 } from './migrations/1764100000000-throttles.js';
import { deletedNameEntity, settingEntity } from './setting.entity.js';

export const authorizationServerSchema: DatabaseSchema = {
  migrationsTable: 'authorization_server_migrations',
  entities: (dialect) => [
    auditEventEntity(dialect),
    authorizationEntity(dialect),
    clientEntity(dialect),
    clientSecretEntity(dialect),
    dataKeyEntity(dialect),
    deletedNameEntity(dialect),
    scopeEntity(dialect),
    settingEntity(dialect),
    throttleEntity(dialect),
    userEntity(dialect),
  ],
  migrations: [Initial1764000000000, Throttles1764100000000],
};
