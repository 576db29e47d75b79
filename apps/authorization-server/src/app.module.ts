import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { HealthController, type Database } from '@latchkey/platform';
import type { Logger } from 'pino';
import type { AuthorizationServerConfig } from './config/authorization-server-config.js';
import { CoreModule } from './core/core.module.js';
import { OAuthErrorFilter } from './oauth/common/oauth-error.filter.js';
import { IntrospectionModule } from './oauth/introspection/introspection.module.js';
import { MetadataModule } from './oauth/metadata/metadata.module.js';
import { RevocationModule } from './oauth/revocation/revocation.module.js';
import { TokenModule } from './oauth/token/token.module.js';
import { ProvisioningModule } from './provisioning/provisioning.module.js';

@Module({})
export class AppModule {
  static with(config: AuthorizationServerConfig, logger: Logger, database: Database): DynamicModule {
    return {
      module: AppModule,
      imports: [
        CoreModule.with(config, logger, database),
        IntrospectionModule,
        MetadataModule,
        ProvisioningModule,
        RevocationModule,
        TokenModule,
      ],
      controllers: [HealthController],
      providers: [{ provide: APP_FILTER, useClass: OAuthErrorFilter }],
    };
  }
}
