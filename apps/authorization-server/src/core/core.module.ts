import { Global, Module, type DynamicModule } from '@nestjs/common';
import { Database } from '@latchkey/platform';
import type { Logger } from 'pino';
import type { AuthorizationServerConfig } from '../config/authorization-server-config.js';
import { CONFIG, LOGGER } from '../config/config.token.js';

/** What was there before Nest: the configuration, the logger and the open database. */
@Global()
@Module({})
export class CoreModule {
  static with(config: AuthorizationServerConfig, logger: Logger, database: Database): DynamicModule {
    return {
      module: CoreModule,
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: LOGGER, useValue: logger },
        { provide: Database, useValue: database },
      ],
      exports: [CONFIG, LOGGER, Database],
    };
  }
}
