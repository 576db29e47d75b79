import { Module } from '@nestjs/common';
import { PasswordGrantUsage } from './password-grant-usage.js';
import { PasswordLoginRepository } from './password-login-repository.js';

@Module({
  providers: [PasswordLoginRepository, { provide: PasswordGrantUsage, useExisting: PasswordLoginRepository }],
  exports: [PasswordGrantUsage, PasswordLoginRepository],
})
export class PasswordGrantUsageModule {}
