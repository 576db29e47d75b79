import { Module } from '@nestjs/common';
import { AuthorizationsModule } from '../authorizations/authorizations.module.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { ProtectionModule } from '../protection/protection.module.js';
import { UsersModule } from '../users/users.module.js';
import { SecondFactorsModule } from '../second-factors/second-factors.module.js';
import { AccountController } from './account.controller.js';
import { AccountAuthorizationsService } from './account-authorizations.service.js';
import { AccountPasswordService } from './account-password.service.js';
import { AccountSecondFactorsService, OwnSecondFactorPolicy } from './account-second-factors.service.js';
import { SecondFactorsController } from './second-factors.controller.js';

@Module({
  imports: [AuthorizationsModule, PasswordsModule, ProtectionModule, SecondFactorsModule, UsersModule],
  controllers: [AccountController, SecondFactorsController],
  providers: [
    AccountAuthorizationsService,
    AccountPasswordService,
    AccountSecondFactorsService,
    OwnSecondFactorPolicy,
  ],
})
export class AccountModule {}
