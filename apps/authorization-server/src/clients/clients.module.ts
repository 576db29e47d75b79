import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { ClientListRepository } from './client-list-repository.js';
import { ClientRepository } from './client-repository.js';
import { ClientSecretUses } from './client-secret-uses.js';
import { ClientsService } from './clients.service.js';
import { UsersModule } from '../users/users.module.js';

@Module({
  imports: [AuditModule, UsersModule],
  providers: [ClientListRepository, ClientRepository, ClientSecretUses, ClientsService],
  exports: [ClientListRepository, ClientRepository, ClientSecretUses, ClientsService],
})
export class ClientsModule {}
