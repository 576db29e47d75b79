import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { DatabaseInUseError } from '../database/sqlite-lock.js';
import { ConfigurationError } from '../environment/configuration-error.js';

interface Server {
  application: NestFastifyApplication;
  logger: Logger;
  host: string;
  port: number;
}

/**
 * Runs a server until SIGTERM or SIGINT. What the operator can mend is told in words and ends the process with status
 * 1; anything else keeps its stack.
 */
export async function runServer(create: () => Promise<Server>): Promise<void> {
  // What a server writes holds hashes and keys, and is nobody else's to read.
  process.umask(0o077);
  try {
    const { application, logger, host, port } = await create();
    stopOnSignal(application, logger);
    await application.listen({ host, port });
    logger.info({ url: await application.getUrl() }, 'ready');
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    process.exit(1);
  }
}

/** Finishes the requests in flight, closes the database and ends with status 0. */
function stopOnSignal(application: NestFastifyApplication, logger: Logger): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, 'stopping');
    application.close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'could not stop cleanly');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

function explain(error: unknown): string {
  if (error instanceof ConfigurationError || error instanceof DatabaseInUseError) return error.message;
  if (!(error instanceof Error)) return String(error);
  switch ((error as { code?: unknown }).code) {
    case 'EADDRINUSE':
      return `The port is taken: ${error.message}`;
    case 'ECONNREFUSED':
    case 'ENOTFOUND':
      return `The database cannot be reached: ${error.message}`;
    default:
      return error.stack ?? error.message;
  }
}
