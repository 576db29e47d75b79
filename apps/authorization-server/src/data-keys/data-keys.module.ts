import { Module } from '@nestjs/common';
import type { Logger } from 'pino';
import { AuditModule } from '../audit/audit.module.js';
import type { AuthorizationServerConfig } from '../config/authorization-server-config.js';
import { CONFIG, LOGGER } from '../config/config.token.js';
import { developmentMasterKey } from '../config/development-master-key.js';
import { SettingsModule } from '../database/settings.js';
import { DataKeyInitialiser } from './data-key-initialiser.js';
import { DataKeyRepository } from './data-key-repository.js';
import { DataKeysService } from './data-keys.service.js';
import { MasterKey, PREVIOUS_MASTER_KEY } from './master-key.js';
import { StoredSecrets } from './stored-secrets.js';

@Module({
  imports: [AuditModule, SettingsModule],
  providers: [
    DataKeyInitialiser,
    DataKeysService,
    DataKeyRepository,
    StoredSecrets,
    {
      provide: MasterKey,
      inject: [CONFIG, LOGGER],
      useFactory: ({ masterKey, dataDirectory }: AuthorizationServerConfig, logger: Logger) =>
        new MasterKey(masterKey ?? developmentMasterKey(dataDirectory, logger)),
    },
    {
      provide: PREVIOUS_MASTER_KEY,
      inject: [CONFIG],
      useFactory: ({ previousMasterKey }: AuthorizationServerConfig) =>
        previousMasterKey === null ? null : new MasterKey(previousMasterKey),
    },
  ],
  exports: [DataKeysService, StoredSecrets],
})
export class DataKeysModule {}
