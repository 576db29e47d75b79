import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { AuthorizationsModule } from '../authorizations/authorizations.module.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { ThrottlingModule } from '../throttling/throttling.module.js';
import { UsersModule } from '../users/users.module.js';
import { EmailFactorsModule } from '../second-factors/email-factors.module.js';
import { SecondFactorsModule } from '../second-factors/second-factors.module.js';
import { AccountController } from './account.controller.js';
import { AccountAuthorizationsService } from './account-authorizations.service.js';
import { AccountPasswordService } from './account-password.service.js';
import { AccountSecondFactorsService } from './account-second-factors.service.js';
import { OwnSecondFactorPolicy } from './own-second-factor.policy.js';
import { PasskeysController } from './passkeys.controller.js';
import { SecondFactorsController } from './second-factors.controller.js';

@Module({
  imports: [
    AuditModule,
    AuthorizationsModule,
    EmailFactorsModule,
    PasswordsModule,
    ThrottlingModule,
    SecondFactorsModule,
    UsersModule,
  ],
  controllers: [AccountController, PasskeysController, SecondFactorsController],
  providers: [
    AccountAuthorizationsService,
    AccountPasswordService,
    AccountSecondFactorsService,
    OwnSecondFactorPolicy,
  ],
})
export class AccountModule {}
