import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { ClientsModule } from '../clients/clients.module.js';
import { DataKeysModule } from '../data-keys/data-keys.module.js';
import { SettingsModule } from '../database/settings.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { ScopesModule } from '../scopes/scopes.module.js';
import { SecondFactorsModule } from '../second-factors/second-factors.module.js';
import { UsersModule } from '../users/users.module.js';
import { BootstrapClientProvisioner } from './bootstrap-client.provisioner.js';
import { ClientProvisioner } from './client-provisioner.js';
import { ConfigurationApplier } from './configuration-applier.js';
import { GroupsModule } from '../groups/groups.module.js';
import { DocumentProvisioner } from './document-provisioner.js';
import { GroupProvisioner } from './group-provisioner.js';
import { Pruner } from './pruner.js';
import { ScopeProvisioner } from './scope-provisioner.js';
import { UserProvisioner } from './user-provisioner.js';

/** Provisioning on request; on its own, this module changes nothing. */
@Module({
  imports: [
    AuditModule,
    ClientsModule,
    DataKeysModule,
    GroupsModule,
    PasswordsModule,
    ScopesModule,
    SecondFactorsModule,
    SettingsModule,
    UsersModule,
  ],
  providers: [
    BootstrapClientProvisioner,
    ClientProvisioner,
    ConfigurationApplier,
    DocumentProvisioner,
    GroupProvisioner,
    Pruner,
    ScopeProvisioner,
    UserProvisioner,
  ],
  exports: [
    BootstrapClientProvisioner,
    ClientProvisioner,
    ConfigurationApplier,
    GroupProvisioner,
    ScopeProvisioner,
    UserProvisioner,
  ],
})
export class ProvisioningModule {}
