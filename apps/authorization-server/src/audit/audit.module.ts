import { Module } from '@nestjs/common';
import { AuditEventRepository } from './audit-event-repository.js';
import { AuditLog } from './audit-log.js';
import { FailureCounts } from './failure-counts.js';
import { SqlAuditEventRepository } from './sql-audit-event-repository.js';

@Module({
  providers: [AuditLog, FailureCounts, { provide: AuditEventRepository, useClass: SqlAuditEventRepository }],
  exports: [AuditEventRepository, AuditLog, FailureCounts],
})
export class AuditModule {}
