import { Module } from '@nestjs/common';
import { AuthorizationsModule } from '../authorizations/authorizations.module.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { ProtectionModule } from '../protection/protection.module.js';
import { UsersModule } from '../users/users.module.js';
import { AccountController } from './account.controller.js';
import { AccountAuthorizationsService } from './account-authorizations.service.js';
import { AccountPasswordService } from './account-password.service.js';

@Module({
  imports: [AuthorizationsModule, PasswordsModule, ProtectionModule, UsersModule],
  controllers: [AccountController],
  providers: [AccountAuthorizationsService, AccountPasswordService],
})
export class AccountModule {}
