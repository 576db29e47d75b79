import {
  describeDatabase,
  explainDatabaseError,
  openDatabase,
  type Database,
} from '@latchkey/platform/database';
import type { Logger } from 'pino';
import type { AuthorizationServerConfig } from '../../config/authorization-server-config.js';
import { loadConfig } from '../../config/load-config.js';
import { authorizationServerSchema } from '../../schema.js';
import type { Cli } from '../cli.js';
import { explainingErrors } from './explain-offline-error.js';
import { plainLogger } from './plain-log.js';

export interface OfflineContext {
  readonly config: AuthorizationServerConfig;
  readonly database: Database;
  readonly logger: Logger;
}

export interface DatabaseUse {
  /** Bring the schema up to date; otherwise one that is not is refused. */
  readonly migrate: boolean;
  /** Set up a database that is missing or empty; otherwise it is refused, as in the wrong folder. */
  readonly create: boolean;
}

/**
 * Reads the server's environment, and names the database before anything is done with it: without `DATABASE_URL` it
 * depends on the folder where the command runs. On the standard error, so that scripts read the result alone.
 *
 * @throws CliError
 */
export function chooseDatabase({ environment, terminal }: Cli): Promise<AuthorizationServerConfig> {
  return explainingErrors(async () => {
    const config = loadConfig(environment);
    terminal.note(`Database: ${describeDatabase(config.databaseUrl)}`);
    return config;
  });
}

/**
 * Does something on a database, and closes it again.
 *
 * @throws CliError
 */
export function withDatabase<T>(
  { terminal }: Cli,
  config: AuthorizationServerConfig,
  options: DatabaseUse,
  use: (context: OfflineContext) => Promise<T>,
): Promise<T> {
  return explainingErrors(async () => {
    const { databaseUrl } = config;
    const logger = plainLogger(terminal);
    const database = await openDatabase(databaseUrl, authorizationServerSchema, logger, {
      ...options,
      onCreated: () => terminal.note('There was none: it is set up anew.'),
    });
    try {
      return await use({ config, database, logger });
    } catch (error) {
      throw explainDatabaseError(error, databaseUrl);
    } finally {
      await database.close();
    }
  });
}
