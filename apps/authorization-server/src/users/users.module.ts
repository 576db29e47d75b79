import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { DataKeysModule } from '../data-keys/data-keys.module.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { ThrottlingModule } from '../throttling/throttling.module.js';
import { ClientUsageReport } from './client-usage-report.js';
import { DeletedNames } from './deleted-names.js';
import { PasswordGrantUsage } from './password-grant-usage.js';
import { PasswordUpgrades } from './password-upgrades.js';
import { SecondFactorCoverage } from './second-factor-coverage.js';
import { StoredHashCosts } from './stored-hash-costs.js';
import { StoredPeppers } from './stored-peppers.js';
import { SubjectNames } from './subject-names.js';
import { UserAuthenticator } from './user-authenticator.js';
import { UserListRepository } from './user-list-repository.js';
import { UserRepository } from './user-repository.js';
import { UsersService } from './users.service.js';

@Module({
  imports: [AuditModule, DataKeysModule, PasswordsModule, ThrottlingModule],
  providers: [
    ClientUsageReport,
    DeletedNames,
    PasswordGrantUsage,
    PasswordUpgrades,
    SecondFactorCoverage,
    StoredHashCosts,
    StoredPeppers,
    SubjectNames,
    UserAuthenticator,
    UserListRepository,
    UserRepository,
    UsersService,
  ],
  exports: [
    DeletedNames,
    PasswordGrantUsage,
    SecondFactorCoverage,
    SubjectNames,
    UserAuthenticator,
    UserListRepository,
    UserRepository,
    UsersService,
  ],
})
export class UsersModule {}
