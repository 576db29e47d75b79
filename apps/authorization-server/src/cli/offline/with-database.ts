import {
  describeDatabase,
  explainDatabaseError,
  openDatabase,
  DatabaseAccessError,
  DatabaseInUseError,
  isStorageUnavailable,
  MissingDatabaseError,
  NewerSchemaError,
  OutdatedSchemaError,
  type Database,
} from '@latchkey/platform/database';
import { ConfigurationError } from '@latchkey/platform/environment';
import { createLogger } from '@latchkey/platform/logging';
import { Writable } from 'node:stream';
import type { Logger } from 'pino';
import type { AuthorizationServerConfig } from '../../config/authorization-server-config.js';
import { loadConfig } from '../../config/load-config.js';
import { authorizationServerSchema } from '../../schema.js';
import { CliError, EXIT } from '../cli-error.js';
import type { Cli } from '../cli.js';
import type { Terminal } from '../terminal.js';

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

/** The server's logger, for people: what it warns of, without the JSON around it. */
export function plainLogger(terminal: Terminal): Logger {
  const lines = new Writable({
    write(chunk: Buffer, _encoding, done) {
      const { msg, path } = JSON.parse(chunk.toString()) as { msg: string; path?: string };
      terminal.note(`latchkey: ${msg}${path === undefined ? '' : ` (${path})`}`);
      done();
    },
  });
  return createLogger('latchkey', 'warn', lines);
}

/**
 * Does something with a database or a file, and explains what goes wrong with them: what it is, and what to do next.
 *
 * @throws CliError, or any other error as it is
 */
export async function explainingErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explained(error);
  }
}

function explained(error: unknown): unknown {
  if (error instanceof CliError) return error;
  if (error instanceof ConfigurationError) {
    const isEnvironment = error.source === 'The environment';
    return new CliError(error.message, isEnvironment ? EXIT.usage : EXIT.failed);
  }
  if (error instanceof DatabaseInUseError) {
    return new CliError(error.message, EXIT.failed, 'Stop the server and run the command again.', {
      cause: error,
    });
  }
  if (error instanceof DatabaseAccessError) {
    return new CliError(error.message, error.isOutage ? EXIT.unreachable : EXIT.failed, null, {
      cause: error,
    });
  }
  if (error instanceof MissingDatabaseError) {
    return new CliError(
      `${error.message}. Nothing was made`,
      EXIT.failed,
      'Run it where the server runs, or set DATABASE_URL to the one of the server. `latchkey migrate` sets up a new one.',
      { cause: error },
    );
  }
  if (error instanceof OutdatedSchemaError) {
    return new CliError(error.message, EXIT.failed, 'Run `latchkey migrate` first.', { cause: error });
  }
  if (error instanceof NewerSchemaError) {
    return new CliError(error.message, EXIT.failed, null, { cause: error });
  }
  if (!isStorageUnavailable(error)) return error;
  return new CliError(
    `The database cannot be used: ${reasonOf(error)}`,
    EXIT.unreachable,
    'See that DATABASE_URL is right and that the database answers.',
    { cause: error },
  );
}

/** The innermost reason; a URL with a password is in none of them. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(', ');
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : reasonOf(error.cause);
}
