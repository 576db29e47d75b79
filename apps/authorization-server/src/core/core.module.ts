import { Global, Module, type DynamicModule } from '@nestjs/common';
import { Database } from '@latchkey/platform/database';
import type { Logger } from 'pino';
import type { AuthorizationServerConfig } from '../config/authorization-server-config.js';
import { ChangesModule } from '../changes/changes.module.js';
import { CONFIG, LOGGER } from '../config/config.token.js';

/** Provides what exists before Nest: the configuration, the logger and the open database with its notifications. */
@Global()
@Module({})
export class CoreModule {
  static with(config: AuthorizationServerConfig, logger: Logger, database: Database): DynamicModule {
    return {
      module: CoreModule,
      imports: [ChangesModule],
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: LOGGER, useValue: logger },
        { provide: Database, useValue: database },
      ],
      exports: [ChangesModule, CONFIG, LOGGER, Database],
    };
  }
}
