import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { DataKeysModule } from '../data-keys/data-keys.module.js';
import { MessagesModule } from '../messages/messages.module.js';
import { ThrottlingModule } from '../throttling/throttling.module.js';
import { EmailCodeRepository } from './email-code-repository.js';
import { EmailCodesService } from './email-codes.service.js';
import { EmailFactorsService } from './email-factors.service.js';
import { SecondFactorsModule } from './second-factors.module.js';

/** Separate from the other factors, because commands without a server send no messages. */
@Module({
  imports: [AuditModule, DataKeysModule, MessagesModule, ThrottlingModule, SecondFactorsModule],
  providers: [EmailCodeRepository, EmailCodesService, EmailFactorsService],
  exports: [EmailFactorsService],
})
export class EmailFactorsModule {}
