import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { AuthorizationRepository } from './authorization-repository.js';
import { AuthorizationsService } from './authorizations.service.js';
import { SqlAuthorizationRepository } from './sql-authorization-repository.js';

@Module({
  imports: [AuditModule],
  providers: [
    AuthorizationsService,
    { provide: AuthorizationRepository, useClass: SqlAuthorizationRepository },
  ],
  exports: [AuthorizationRepository, AuthorizationsService],
})
export class AuthorizationsModule {}
