import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { DataKeysModule } from '../data-keys/data-keys.module.js';
import { MessagesModule } from '../messages/messages.module.js';
import { ProtectionModule } from '../protection/protection.module.js';
import { UsersModule } from '../users/users.module.js';
import { EmailCodeRepository } from './email-code-repository.js';
import { EmailCodesService } from './email-codes.service.js';
import { EmailFactorsService } from './email-factors.service.js';
import { PasskeyRepository } from './passkey-repository.js';
import { PasskeysService } from './passkeys.service.js';
import { RecoveryCodesService } from './recovery-codes.service.js';
import { SecondFactorRepository } from './second-factor-repository.js';
import { SecondFactorsService } from './second-factors.service.js';

@Module({
  imports: [AuditModule, DataKeysModule, MessagesModule, ProtectionModule, UsersModule],
  providers: [
    EmailCodeRepository,
    EmailCodesService,
    EmailFactorsService,
    PasskeyRepository,
    PasskeysService,
    RecoveryCodesService,
    SecondFactorRepository,
    SecondFactorsService,
  ],
  exports: [EmailFactorsService, PasskeysService, RecoveryCodesService, SecondFactorsService],
})
export class SecondFactorsModule {}
