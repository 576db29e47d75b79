import {
  DatabaseAccessError,
  DatabaseInUseError,
  isStorageUnavailable,
  MissingDatabaseError,
  NewerSchemaError,
  OutdatedSchemaError,
} from '@latchkey/platform/database';
import { ConfigurationError } from '@latchkey/platform/environment';
import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-status.js';

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
