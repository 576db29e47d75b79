import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { UsersModule } from '../users/users.module.js';
import { AuditLines } from './audit-lines.js';
import { AuditMetrics } from './audit-metrics.js';
import { HashPoolMetrics } from './hash-pool-metrics.js';
import { LoginFailureAlarm } from './login-failure-alarm.js';
import { LoginMetrics } from './login-metrics.js';
import { UserMetrics } from './user-metrics.js';

/** Log lines, metrics and alarms. They subscribe to events; the observed code does not depend on them. */
@Module({
  imports: [AuditModule, PasswordsModule, UsersModule],
  providers: [AuditLines, AuditMetrics, HashPoolMetrics, LoginFailureAlarm, LoginMetrics, UserMetrics],
  exports: [LoginMetrics],
})
export class ObservabilityModule {}
