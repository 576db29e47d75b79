import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { ScopeRepository, SqlScopeRepository } from './scope-repository.js';
import { ScopesService } from './scopes.service.js';

@Module({
  imports: [AuditModule],
  providers: [ScopesService, { provide: ScopeRepository, useClass: SqlScopeRepository }],
  exports: [ScopeRepository, ScopesService],
})
export class ScopesModule {}
