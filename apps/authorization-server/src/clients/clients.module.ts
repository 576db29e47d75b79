import { Module } from '@nestjs/common';
import { Database } from '@latchkey/platform';
import { AuditModule } from '../audit/audit.module.js';
import type { AuthorizationServerConfig } from '../config/authorization-server-config.js';
import { CONFIG } from '../config/config.token.js';
import { SubjectsModule } from '../subjects/subjects.module.js';
import { ClientRepository } from './client-repository.js';
import { ClientsService } from './clients.service.js';
import { SqlClientRepository } from './sql-client-repository.js';

@Module({
  imports: [AuditModule, SubjectsModule],
  providers: [
    ClientsService,
    {
      provide: ClientRepository,
      inject: [Database, CONFIG],
      useFactory: (database: Database, config: AuthorizationServerConfig) =>
        new SqlClientRepository(database, config.tokenLifetimes),
    },
  ],
  exports: [ClientRepository, ClientsService],
})
export class ClientsModule {}
