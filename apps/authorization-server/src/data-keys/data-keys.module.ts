import { Module } from '@nestjs/common';
import type { Logger } from 'pino';
import { CONFIG, LOGGER } from '../config/config.token.js';
import type { AuthorizationServerConfig } from '../config/authorization-server-config.js';
import { developmentMasterKey } from '../config/development-master-key.js';
import { SettingsModule } from '../database/settings.module.js';
import { DataKeyRepository } from './data-key-repository.js';
import { DataKeysService } from './data-keys.service.js';
import { MasterKey } from './master-key.js';
import { SqlDataKeyRepository } from './sql-data-key-repository.js';

@Module({
  imports: [SettingsModule],
  providers: [
    DataKeysService,
    { provide: DataKeyRepository, useClass: SqlDataKeyRepository },
    {
      provide: MasterKey,
      inject: [CONFIG, LOGGER],
      useFactory: ({ masterKey, dataDirectory }: AuthorizationServerConfig, logger: Logger) =>
        new MasterKey(masterKey ?? developmentMasterKey(dataDirectory, logger)),
    },
  ],
  exports: [DataKeysService, MasterKey],
})
export class DataKeysModule {}
