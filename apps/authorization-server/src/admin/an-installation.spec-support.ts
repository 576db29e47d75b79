import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { openDatabase, type Database } from '@latchkey/platform/database';
import pino, { type Logger } from 'pino';
import { AuthorizationsModule } from '../authorizations/authorizations.module.js';
import { ClientsModule } from '../clients/clients.module.js';
import type { AuthorizationServerConfig } from '../config/authorization-server-config.js';
import { loadConfig } from '../config/load-config.js';
import { CoreModule } from '../core/core.module.js';
import { authorizationServerSchema } from '../schema.js';
import { ScopesModule } from '../scopes/scopes.module.js';
import { UsersModule } from '../users/users.module.js';
import { AdminAuthorizationsService } from './authorizations.service.js';
import { AdminClientSecretsService } from './client-secrets.service.js';
import { AdminClientsService } from './clients.service.js';
import { AdminScopeClientsService } from './scope-clients.service.js';
import { AdminScopesService } from './scopes.service.js';

@Module({})
class Administration {
  static with(config: AuthorizationServerConfig, logger: Logger, database: Database): DynamicModule {
    return {
      module: Administration,
      imports: [
        CoreModule.with(config, logger, database),
        AuthorizationsModule,
        ClientsModule,
        ScopesModule,
        UsersModule,
      ],
      providers: [
        AdminAuthorizationsService,
        AdminClientSecretsService,
        AdminClientsService,
        AdminScopeClientsService,
        AdminScopesService,
      ],
    };
  }
}

/** The services of administrators on an SQLite database of their own, where no scope and no client is yet. */
export interface AnInstallation {
  readonly get: <T>(service: abstract new (...dependencies: never[]) => T) => T;
  readonly close: () => Promise<void>;
}

export async function anInstallation(): Promise<AnInstallation> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-admin-'));
  const config = loadConfig({ DATABASE_URL: `sqlite:${join(folder, 'a.sqlite')}` });
  const logger = pino({ level: 'silent' });
  const database = await openDatabase(config.databaseUrl, authorizationServerSchema, logger);
  const application = await NestFactory.createApplicationContext(
    Administration.with(config, logger, database),
    { logger: false, abortOnError: false },
  );
  const close = async () => {
    await application.close();
    await database.close();
    await rm(folder, { recursive: true });
  };
  return { get: (service) => application.get(service), close };
}
