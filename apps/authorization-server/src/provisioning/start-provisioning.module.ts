import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { UsersModule } from '../users/users.module.js';
import { ProvisioningModule } from './provisioning.module.js';
import { ProvisioningService } from './provisioning.service.js';

/** Provisioning at the start of a server, by its environment. */
@Module({ imports: [ClientsModule, ProvisioningModule, UsersModule], providers: [ProvisioningService] })
export class StartProvisioningModule {}
