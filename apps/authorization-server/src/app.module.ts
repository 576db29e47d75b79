import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { createValidationPipe, type Database } from '@latchkey/platform';
import type { Logger } from 'pino';
import { AccountModule } from './account/account.module.js';
import { BearerModule } from './bearer/bearer.module.js';
import { CleanupModule } from './cleanup/cleanup.module.js';
import type { AuthorizationServerConfig } from './config/authorization-server-config.js';
import { CoreModule } from './core/core.module.js';
import { OAuthError } from './oauth/common/oauth-error.js';
import { OAuthErrorFilter } from './oauth/common/oauth-error.filter.js';
import { IntrospectionModule } from './oauth/introspection/introspection.module.js';
import { MetadataModule } from './oauth/metadata/metadata.module.js';
import { RevocationModule } from './oauth/revocation/revocation.module.js';
import { TokenModule } from './oauth/token/token.module.js';
import { ProvisioningModule } from './provisioning/provisioning.module.js';
import { PublicHealthController } from './public-health.controller.js';

@Module({})
export class AppModule {
  static with(config: AuthorizationServerConfig, logger: Logger, database: Database): DynamicModule {
    return {
      module: AppModule,
      imports: [
        CoreModule.with(config, logger, database),
        AccountModule,
        BearerModule,
        CleanupModule,
        IntrospectionModule,
        MetadataModule,
        ProvisioningModule,
        RevocationModule,
        TokenModule,
      ],
      controllers: [PublicHealthController],
      providers: [
        { provide: APP_FILTER, useClass: OAuthErrorFilter },
        {
          provide: APP_PIPE,
          useValue: createValidationPipe((problems) => OAuthError.invalidRequest(problems)),
        },
      ],
    };
  }
}
