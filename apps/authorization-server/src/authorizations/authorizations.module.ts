import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { ClientsModule } from '../clients/clients.module.js';
import { UsersModule } from '../users/users.module.js';
import { AuthorizationListRepository } from './authorization-list-repository.js';
import { AuthorizationRepository } from './authorization-repository.js';
import { AuthorizationsService } from './authorizations.service.js';
import { LoginLimit } from './login-limit.js';
import { TokenAuthorizations } from './token-authorizations.js';

@Module({
  imports: [AuditModule, ClientsModule, UsersModule],
  providers: [
    AuthorizationsService,
    LoginLimit,
    TokenAuthorizations,
    AuthorizationListRepository,
    AuthorizationRepository,
  ],
  exports: [
    AuthorizationListRepository,
    AuthorizationRepository,
    AuthorizationsService,
    LoginLimit,
    TokenAuthorizations,
  ],
})
export class AuthorizationsModule {}
