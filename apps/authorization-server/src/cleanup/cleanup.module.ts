import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { CleanupMetrics } from './cleanup-metrics.js';
import { CleanupService } from './cleanup.service.js';
import { ExpiredRowsRepository } from './expired-rows-repository.js';

@Module({ imports: [AuditModule], providers: [CleanupMetrics, CleanupService, ExpiredRowsRepository] })
export class CleanupModule {}
