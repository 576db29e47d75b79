import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import type { Database } from '@latchkey/platform/database';
import { createValidationPipe } from '@latchkey/platform/http';
import { LifecycleModule } from '@latchkey/platform/lifecycle';
import { MetricsModule, type MetricsOptions } from '@latchkey/platform/metrics';
import { ResourceServerModule } from '@latchkey/resource-server';
import { guardOptions } from './config/guard-options.js';
import type { ResourceServerConfig } from './config/resource-server-config.js';
import { DatabaseModule } from './database/database.module.js';
import { PublicHealthController } from './http/public-health.controller.js';
import { ApiError } from './http/api-error.js';
import { ApiErrorFilter } from './http/api-error.filter.js';
import { FreshnessMetrics } from './metrics/freshness-metrics.js';
import { ResourcesModule } from './resources/resources.module.js';

@Module({})
export class AppModule {
  static register(config: ResourceServerConfig, database: Database, metrics: MetricsOptions): DynamicModule {
    return {
      module: AppModule,
      imports: [
        DatabaseModule.forRoot(database),
        LifecycleModule,
        MetricsModule.with(metrics),
        ResourceServerModule.register(guardOptions(config)),
        ResourcesModule,
      ],
      controllers: [PublicHealthController],
      providers: [
        FreshnessMetrics,
        { provide: APP_FILTER, useClass: ApiErrorFilter },
        {
          provide: APP_PIPE,
          useValue: createValidationPipe((problems) => ApiError.invalidRequest(problems)),
        },
      ],
    };
  }
}
