import 'reflect-metadata';
import type { Database } from '@latchkey/platform/database';
import { NestLogger } from '@latchkey/platform/logging';
import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Logger } from 'pino';
import type { AuthorizationServerConfig } from '../../config/authorization-server-config.js';
import { CoreModule } from '../../core/core.module.js';
import { MASTER_KEY_CHECK } from '../../data-keys/data-key-initialiser.js';
import { SettingRepository } from '../../database/settings.js';
import { BootstrapClientProvisioner } from '../../provisioning/bootstrap-client.provisioner.js';
import { ProvisioningModule } from '../../provisioning/provisioning.module.js';
import { CliError, EXIT } from '../cli-error.js';
import type { Cli } from '../cli.js';
import { withDatabase, type DatabaseUse, type OfflineContext } from './with-database.js';

/** An installation that is set up: schema, data keys, built-in scopes. */
export interface Installation extends OfflineContext {
  /** A part of the server. */
  readonly get: <T>(token: abstract new (...dependencies: never[]) => T) => T;
}

/**
 * Runs work with parts of the server, without a running server.
 *
 * @param options `migrate` updates the installation, including data keys and built-in scopes; without it nothing is set
 *   up, and an outdated installation is refused
 * @throws CliError
 */
export function withInstallation<T>(
  cli: Cli,
  config: AuthorizationServerConfig,
  options: DatabaseUse,
  use: (installation: Installation) => Promise<T>,
): Promise<T> {
  const readOnly = !options.migrate;
  // Only a start of the server may replace the master key, and not a command that reads.
  const used = readOnly ? { ...config, previousMasterKey: null } : config;
  return withDatabase(cli, used, options, async (context) => {
    const { logger, database } = context;
    if (readOnly) await assertSetUp(database);
    const application = await NestFactory.createApplicationContext(
      OfflineModule.with(used, logger, database),
      { logger: new NestLogger(logger), abortOnError: false },
    );
    try {
      if (!readOnly) await application.get(BootstrapClientProvisioner).ensureScopes();
      return await use({ ...context, get: (token) => application.get(token) });
    } finally {
      await application.close();
    }
  });
}

async function assertSetUp(database: Database): Promise<void> {
  const check = await new SettingRepository().find(database, MASTER_KEY_CHECK);
  if (check !== null) return;
  throw new CliError('The database has no data keys yet', EXIT.failed, 'Run `latchkey migrate` first.');
}

/** The part of the server that needs only the database. */
@Module({})
class OfflineModule {
  static with(config: AuthorizationServerConfig, logger: Logger, database: Database): DynamicModule {
    return {
      module: OfflineModule,
      imports: [CoreModule.with(config, logger, database), ProvisioningModule],
    };
  }
}
