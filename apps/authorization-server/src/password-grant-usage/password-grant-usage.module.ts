import { Module } from '@nestjs/common';
import { ClientUsageReport } from './client-usage-report.js';
import { PasswordGrantUsage } from './password-grant-usage.js';

@Module({ providers: [ClientUsageReport, PasswordGrantUsage], exports: [PasswordGrantUsage] })
export class PasswordGrantUsageModule {}
