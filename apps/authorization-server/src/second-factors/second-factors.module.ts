import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { DataKeysModule } from '../data-keys/data-keys.module.js';
import { UsersModule } from '../users/users.module.js';
import { PasskeyRepository } from './passkey-repository.js';
import { PasskeysService } from './passkeys.service.js';
import { RecoveryCodesService } from './recovery-codes.service.js';
import { SecondFactorRepository } from './second-factor-repository.js';
import { SecondFactorsService } from './second-factors.service.js';

@Module({
  imports: [AuditModule, DataKeysModule, UsersModule],
  providers: [
    PasskeyRepository,
    PasskeysService,
    RecoveryCodesService,
    SecondFactorRepository,
    SecondFactorsService,
  ],
  exports: [PasskeysService, RecoveryCodesService, SecondFactorRepository, SecondFactorsService],
})
export class SecondFactorsModule {}
