import { Module } from '@nestjs/common';
import { Database } from '@latchkey/platform/database';
import { AuditModule } from '../audit/audit.module.js';
import { Caches } from '../changes/caches.js';
import { ChangeLog } from '../changes/change-log.js';
import { LongestTokenLifetime } from '../changes/longest-token-lifetime.js';
import type { AuthorizationServerConfig } from '../config/authorization-server-config.js';
import { CONFIG } from '../config/config.token.js';
import { SubjectsModule } from '../subjects/subjects.module.js';
import { ClientListRepository, SqlClientListRepository } from './client-list-repository.js';
import { ClientRepository } from './client-repository.js';
import { ClientSecretUses } from './client-secret-uses.js';
import { ClientsService } from './clients.service.js';
import { SqlClientRepository } from './sql-client-repository.js';

@Module({
  imports: [AuditModule, SubjectsModule],
  providers: [
    ClientSecretUses,
    ClientsService,
    {
      provide: ClientListRepository,
      inject: [Database, CONFIG],
      useFactory: (database: Database, config: AuthorizationServerConfig) =>
        new SqlClientListRepository(database, config.tokenLifetimes),
    },
    {
      provide: ClientRepository,
      inject: [Database, CONFIG, ChangeLog, LongestTokenLifetime, Caches],
      useFactory: (
        database: Database,
        { tokenLifetimes }: AuthorizationServerConfig,
        changes: ChangeLog,
        longestLifetime: LongestTokenLifetime,
        caches: Caches,
      ) => new SqlClientRepository(database, tokenLifetimes, changes, longestLifetime, caches),
    },
  ],
  exports: [ClientListRepository, ClientRepository, ClientSecretUses, ClientsService],
})
export class ClientsModule {}
