import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { GroupsService } from './groups.service.js';

@Module({ imports: [AuditModule], providers: [GroupsService], exports: [GroupsService] })
export class GroupsModule {}
