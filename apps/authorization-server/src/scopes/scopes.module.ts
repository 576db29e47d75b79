import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { ScopeRepository } from './scope-repository.js';
import { ScopesService } from './scopes.service.js';

@Module({
  imports: [AuditModule],
  providers: [ScopesService, ScopeRepository],
  exports: [ScopeRepository, ScopesService],
})
export class ScopesModule {}
