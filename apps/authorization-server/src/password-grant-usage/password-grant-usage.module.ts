import { Module } from '@nestjs/common';
import { ClientUsageReport } from './client-usage-report.js';
import { PasswordGrantUsage } from './password-grant-usage.js';
import { PasswordLoginRepository } from './password-login-repository.js';

@Module({
  providers: [
    ClientUsageReport,
    PasswordLoginRepository,
    { provide: PasswordGrantUsage, useExisting: PasswordLoginRepository },
  ],
  exports: [PasswordGrantUsage, PasswordLoginRepository],
})
export class PasswordGrantUsageModule {}
