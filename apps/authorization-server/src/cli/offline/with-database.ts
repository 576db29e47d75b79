import { openDatabase, type Database, type OpenOptions } from '@latchkey/platform';
import type { Logger } from 'pino';
import type { AuthorizationServerConfig } from '../../config/authorization-server-config.js';
import { loadConfig } from '../../config/load-config.js';
import { authorizationServerSchema } from '../../database/schema.js';
import type { Cli } from '../cli.js';
import { explainingErrors } from './explain-offline-error.js';
import { plainLogger } from './plain-log.js';

export interface OfflineContext {
  readonly config: AuthorizationServerConfig;
  readonly database: Database;
  readonly logger: Logger;
}

/**
 * Does something on the database that the server's environment names, and closes it again.
 *
 * @throws CliError
 */
export function withDatabase<T>(
  cli: Cli,
  options: OpenOptions,
  use: (context: OfflineContext) => Promise<T>,
): Promise<T> {
  return explainingErrors(async () => {
    const config = loadConfig(cli.environment);
    const logger = plainLogger(cli.terminal);
    const database = await openDatabase(config.databaseUrl, authorizationServerSchema, logger, options);
    try {
      return await use({ config, database, logger });
    } finally {
      await database.close();
    }
  });
}
