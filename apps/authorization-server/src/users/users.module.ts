import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { DataKeysModule } from '../data-keys/data-keys.module.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { ProtectionModule } from '../protection/protection.module.js';
import { SubjectsModule } from '../subjects/subjects.module.js';
import { SqlUserRepository } from './sql-user-repository.js';
import { UserAuthenticator } from './user-authenticator.js';
import { UserRepository } from './user-repository.js';
import { UsersService } from './users.service.js';

@Module({
  imports: [AuditModule, DataKeysModule, PasswordsModule, ProtectionModule, SubjectsModule],
  providers: [UserAuthenticator, UsersService, { provide: UserRepository, useClass: SqlUserRepository }],
  exports: [UserAuthenticator, UserRepository, UsersService],
})
export class UsersModule {}
