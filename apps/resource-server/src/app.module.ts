import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { createValidationPipe, type Database } from '@latchkey/platform';
import { ResourceServerModule } from '@latchkey/resource-server';
import type { ResourceServerConfig } from './config/resource-server-config.js';
import { DatabaseModule } from './database/database.module.js';
import { PublicHealthController } from './health/public-health.controller.js';
import { ApiError } from './http/api-error.js';
import { ApiErrorFilter } from './http/api-error.filter.js';
import { ResourcesModule } from './resources/resources.module.js';

@Module({})
export class AppModule {
  static register(config: ResourceServerConfig, database: Database): DynamicModule {
    return {
      module: AppModule,
      imports: [
        DatabaseModule.forRoot(database),
        ResourceServerModule.register({
          introspectionEndpoint: `${config.authorizationServerUrl}/oauth/introspect`,
          clientId: config.clientId,
          clientSecret: config.clientSecret,
          issuer: config.issuer,
          audience: config.audience,
          realm: 'resources',
        }),
        ResourcesModule,
      ],
      controllers: [PublicHealthController],
      providers: [
        { provide: APP_FILTER, useClass: ApiErrorFilter },
        {
          provide: APP_PIPE,
          useValue: createValidationPipe((problems) => ApiError.invalidRequest(problems)),
        },
      ],
    };
  }
}
