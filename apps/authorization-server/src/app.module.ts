import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import type { Database } from '@latchkey/platform/database';
import { createValidationPipe } from '@latchkey/platform/http';
import { LifecycleModule } from '@latchkey/platform/lifecycle';
import { MetricsModule } from '@latchkey/platform/metrics';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { AccountModule } from './account/account.module.js';
import { AdminModule } from './admin/admin.module.js';
import { BearerModule } from './bearer/bearer.module.js';
import { CleanupModule } from './cleanup/cleanup.module.js';
import { ChangeUpkeepModule } from './changes/change-upkeep.module.js';
import type { AuthorizationServerConfig } from './config/authorization-server-config.js';
import { CoreModule } from './core/core.module.js';
import { ObservabilityModule } from './observability/observability.module.js';
import { ErrorFilter } from './http/error.filter.js';
import { OAuthError } from './oauth/common/oauth-error.js';
import { IntrospectionModule } from './oauth/introspection/introspection.module.js';
import { MetadataModule } from './oauth/metadata/metadata.module.js';
import { RevocationFeedModule } from './oauth/revocation-feed/revocation-feed.module.js';
import { RevocationModule } from './oauth/revocation/revocation.module.js';
import { TokenModule } from './oauth/token/token.module.js';
import { StartProvisioningModule } from './provisioning/start-provisioning.js';
import { PublicHealthController } from './http/public-health.controller.js';

@Module({})
export class AppModule {
  static with(
    config: AuthorizationServerConfig,
    logger: Logger,
    database: Database,
    registry: Registry,
  ): DynamicModule {
    return {
      module: AppModule,
      imports: [
        CoreModule.with(config, logger, database),
        MetricsModule.with({ registry, endpoint: config.metrics, logger }),
        AccountModule,
        AdminModule,
        BearerModule,
        ChangeUpkeepModule,
        CleanupModule,
        ObservabilityModule,
        IntrospectionModule,
        LifecycleModule,
        MetadataModule,
        RevocationFeedModule,
        RevocationModule,
        StartProvisioningModule,
        TokenModule,
      ],
      controllers: [PublicHealthController],
      providers: [
        { provide: APP_FILTER, useClass: ErrorFilter },
        {
          provide: APP_PIPE,
          useValue: createValidationPipe((problems) => OAuthError.invalidRequest(problems)),
        },
      ],
    };
  }
}
