import { Module } from '@nestjs/common';
import { AuditEventRepository } from './audit-event-repository.js';
import { AuditLog } from './audit-log.js';
import { FailureCounts } from './failure-counts.js';

@Module({
  providers: [AuditLog, FailureCounts, AuditEventRepository],
  exports: [AuditEventRepository, AuditLog, FailureCounts],
})
export class AuditModule {}
