import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { AuthorizationsModule } from '../authorizations/authorizations.module.js';
import { ClientsModule } from '../clients/clients.module.js';
import { DataKeysModule } from '../data-keys/data-keys.module.js';
import { GroupsModule } from '../groups/groups.module.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { ThrottlingModule } from '../throttling/throttling.module.js';
import { ProvisioningModule } from '../provisioning/provisioning.module.js';
import { ScopesModule } from '../scopes/scopes.module.js';
import { SecondFactorsModule } from '../second-factors/second-factors.module.js';
import { UsersModule } from '../users/users.module.js';
import { AdminAuthorizationsController } from './authorizations.controller.js';
import { AdminAuthorizationsService } from './authorizations.service.js';
import { AdminPasswordGrantUsageController } from './password-grant-usage.controller.js';
import { AdminAuditEventsController } from './audit-events.controller.js';
import { AdminClientSecretsController } from './client-secrets.controller.js';
import { AdminClientSecretsService } from './client-secrets.service.js';
import { AdminClientsController } from './clients.controller.js';
import { AdminClientsService } from './clients.service.js';
import {
  AdminApplyClientsController,
  AdminApplyGroupsController,
  AdminApplyScopesController,
  AdminApplyUsersController,
} from './configuration.controllers.js';
import { AdminConfigurationService } from './configuration.service.js';
import { AdminGroupsController } from './groups.controller.js';
import { AdminKeysController } from './keys.controller.js';
import { AdminScopeClientsService } from './scope-clients.service.js';
import { AdminScopeClientsController, AdminScopesController } from './scopes.controller.js';
import { AdminScopesService } from './scopes.service.js';
import { AdminSecondFactorsController } from './second-factors.controller.js';
import { AdminUserFactorsController } from './user-factors.controller.js';
import { AdminUserFactorsService } from './user-factors.service.js';
import { AdminUserCreationService } from './user-creation.service.js';
import { AdminUsersController } from './users.controller.js';
import { AdminUsersService } from './users.service.js';
import { GivenPasswords } from './given-passwords.service.js';

/** Administration over HTTP, by clients with administrative scopes. */
@Module({
  imports: [
    AuditModule,
    AuthorizationsModule,
    ClientsModule,
    DataKeysModule,
    GroupsModule,
    PasswordsModule,
    ThrottlingModule,
    ProvisioningModule,
    ScopesModule,
    SecondFactorsModule,
    UsersModule,
  ],
  controllers: [
    AdminApplyScopesController,
    AdminScopesController,
    AdminScopeClientsController,
    AdminApplyGroupsController,
    AdminGroupsController,
    AdminApplyClientsController,
    AdminClientsController,
    AdminClientSecretsController,
    AdminPasswordGrantUsageController,
    AdminSecondFactorsController,
    AdminApplyUsersController,
    AdminUsersController,
    AdminUserFactorsController,
    AdminAuthorizationsController,
    AdminKeysController,
    AdminAuditEventsController,
  ],
  providers: [
    AdminConfigurationService,
    AdminAuthorizationsService,
    AdminUserCreationService,
    AdminUsersService,
    AdminUserFactorsService,
    GivenPasswords,
    AdminClientSecretsService,
    AdminClientsService,
    AdminScopesService,
    AdminScopeClientsService,
  ],
})
export class AdminModule {}
