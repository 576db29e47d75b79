import type { Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { DatabaseAccessError } from '../database/database-access-error.js';
import { NewerSchemaError } from '../database/schema-state.js';
import { DatabaseInUseError } from '../database/sqlite-lock.js';
import { ConfigurationError } from '../environment/configuration-error.js';
import { stopOnSignal } from '../lifecycle/stop-on-signal.js';
import { ownUrl, type HttpSettings } from './http-settings.js';
import { ListenError } from './listen-error.js';
import { reloadKeyPair } from './tls.js';

/** How long a server waits at its start for a log that cannot be written, in milliseconds. */
const LOG_PATIENCE_MS = 1000;

interface RunnableServer {
  application: NestFastifyApplication;
  logger: Logger;
  settings: HttpSettings;
}

/**
 * Runs a server until SIGTERM or SIGINT. An error that the operator can solve is printed as a message and ends the
 * process with status 1; any other error is printed with its stack.
 */
export async function runServer(create: () => Promise<RunnableServer>): Promise<void> {
  // The files of a server contain hashes and keys, and other users must not read them.
  process.umask(0o077);
  try {
    const { application, logger, settings } = await create();
    const { tls, shutdown } = settings;
    stopOnSignal(application, logger, shutdown, () => {
      if (tls === null)
        logger.info('ignored SIGHUP: without TLS_CERT_FILE there is no certificate to reload');
      else reloadKeyPair(application.getHttpServer() as HttpsServer, tls, logger);
    });
    await application.init();
    await written(logger);
    await listen(application, settings, logger);
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    process.exit(1);
  }
}

/** Listens, and reports the URL to the log and to a parent process with a channel (`child_process.fork`). */
async function listen(
  application: NestFastifyApplication,
  { host, port, tls }: HttpSettings,
  logger: Logger,
): Promise<void> {
  try {
    await application.listen({ host, port });
  } catch (error) {
    throw new ListenError(error, { host, port }, { host: 'HOST', port: 'PORT' });
  }
  const { port: actual } = (application.getHttpServer() as HttpsServer).address() as AddressInfo;
  const url = ownUrl({ host, port: actual, tls });
  logger.info({ url }, 'ready');
  process.send?.({ ready: url });
}

/** Flushes the log, if it can be written, so that the messages of the start are in it before the server is ready. */
async function written(logger: Logger): Promise<void> {
  const flush = promisify(logger.flush.bind(logger));
  await Promise.race([flush(), sleep(LOG_PATIENCE_MS)]);
}

/** Errors whose message says what to do. */
const OPERATOR_ERRORS = [
  ConfigurationError,
  DatabaseAccessError,
  DatabaseInUseError,
  ListenError,
  NewerSchemaError,
];

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (OPERATOR_ERRORS.some((type) => error instanceof type)) return error.message;
  return error.stack ?? error.message;
}
