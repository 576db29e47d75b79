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
  /** Update the schema; otherwise an outdated schema is refused. */
  readonly migrate: boolean;
  /** Set up a missing or empty database; otherwise it is refused, because the folder may be wrong. */
  readonly create: boolean;
}

/**
 * Reads the server's environment, and shows the database before it is used: without `DATABASE_URL` the database depends
 * on the current folder. It is written to the standard error, so that scripts read only the result.
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
 * Runs work on a database, and closes the database.
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

/** The server's logger with readable output: warnings without JSON. */
function plainLogger(terminal: Terminal): Logger {
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
 * Runs work on a database or a file, and explains problems with them and what to do next.
 *
 * @throws CliError, or any other error unchanged
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

/** The innermost reason. None of them contains a URL with a password. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(', ');
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : reasonOf(error.cause);
}
