import { Module, type DynamicModule } from '@nestjs/common';
import type { Database } from '@latchkey/platform/database';
import type { Logger } from 'pino';
import type { AuthorizationServerConfig } from '../../config/authorization-server-config.js';
import { CoreModule } from '../../core/core.module.js';
import { ProvisioningModule } from '../../provisioning/provisioning.module.js';

/** The part of the server that works on the database alone. */
@Module({})
export class OfflineModule {
  static with(config: AuthorizationServerConfig, logger: Logger, database: Database): DynamicModule {
    return {
      module: OfflineModule,
      imports: [CoreModule.with(config, logger, database), ProvisioningModule],
    };
  }
}
