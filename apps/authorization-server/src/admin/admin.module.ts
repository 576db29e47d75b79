import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { AuthorizationsModule } from '../authorizations/authorizations.module.js';
import { ClientsModule } from '../clients/clients.module.js';
import { DataKeysModule } from '../data-keys/data-keys.module.js';
import { PasswordGrantUsageModule } from '../password-grant-usage/password-grant-usage.module.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { ProtectionModule } from '../protection/protection.module.js';
import { ProvisioningModule } from '../provisioning/provisioning.module.js';
import { ScopesModule } from '../scopes/scopes.module.js';
import { UsersModule } from '../users/users.module.js';
import { AdminAuthorizationsController } from './authorizations/admin-authorizations.controller.js';
import { AdminAuthorizationsService } from './authorizations/admin-authorizations.service.js';
import { AdminPasswordGrantUsageController } from './password-grant-usage/admin-password-grant-usage.controller.js';
import { AdminAuditEventsController } from './audit-events/admin-audit-events.controller.js';
import { AdminClientSecretsController } from './clients/admin-client-secrets.controller.js';
import { AdminClientSecretsService } from './clients/admin-client-secrets.service.js';
import { AdminClientsController } from './clients/admin-clients.controller.js';
import { AdminClientsService } from './clients/admin-clients.service.js';
import {
  AdminApplyClientsController,
  AdminApplyScopesController,
  AdminApplyUsersController,
} from './configuration/admin-configuration.controllers.js';
import { AdminConfigurationService } from './configuration/admin-configuration.service.js';
import { AdminKeysController } from './keys/admin-keys.controller.js';
import { AdminScopeClientsController } from './scopes/admin-scope-clients.controller.js';
import { AdminScopeClientsService } from './scopes/admin-scope-clients.service.js';
import { AdminScopesController } from './scopes/admin-scopes.controller.js';
import { AdminScopesService } from './scopes/admin-scopes.service.js';
import { AdminUserCreationService } from './users/admin-user-creation.service.js';
import { AdminUsersController } from './users/admin-users.controller.js';
import { AdminUsersService } from './users/admin-users.service.js';
import { GivenPasswords } from './users/given-passwords.service.js';

/** Administration over HTTP, by clients with administrative scopes. */
@Module({
  imports: [
    AuditModule,
    AuthorizationsModule,
    ClientsModule,
    DataKeysModule,
    PasswordGrantUsageModule,
    PasswordsModule,
    ProtectionModule,
    ProvisioningModule,
    ScopesModule,
    UsersModule,
  ],
  controllers: [
    AdminApplyClientsController,
    AdminApplyScopesController,
    AdminApplyUsersController,
    AdminAuditEventsController,
    AdminAuthorizationsController,
    AdminKeysController,
    AdminPasswordGrantUsageController,
    AdminUsersController,
    AdminClientsController,
    AdminClientSecretsController,
    AdminScopesController,
    AdminScopeClientsController,
  ],
  providers: [
    AdminConfigurationService,
    AdminAuthorizationsService,
    AdminUserCreationService,
    AdminUsersService,
    GivenPasswords,
    AdminClientSecretsService,
    AdminClientsService,
    AdminScopesService,
    AdminScopeClientsService,
  ],
})
export class AdminModule {}
