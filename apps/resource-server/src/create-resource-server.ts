import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  createHttpApplication,
  openDatabase,
  readJsonBodies,
  refuseOtherMethods,
  type Database,
} from '@latchkey/platform';
import type { Logger } from 'pino';
import { AppModule } from './app.module.js';
import type { ResourceServerConfig } from './config/resource-server-config.js';
import { resourceServerSchema } from './database/schema.js';
import { ApiError } from './http/api-error.js';

/**
 * Opens and migrates the database and builds the server on it, ready to listen. Closing the application drains
 * requests and closes the database.
 *
 * @throws DatabaseInUseError when another process serves the same SQLite file
 */
export async function createResourceServer(
  config: ResourceServerConfig,
  logger: Logger,
): Promise<NestFastifyApplication> {
  const database = await openDatabase(config.database, resourceServerSchema, logger);
  try {
    return await createApplication(config, database, logger);
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function createApplication(
  config: ResourceServerConfig,
  database: Database,
  logger: Logger,
): Promise<NestFastifyApplication> {
  const application = await createHttpApplication(AppModule.register(config, database), {
    logger,
    trustProxy: false,
  });
  application.getHttpAdapter().getInstance().removeAllContentTypeParsers();
  readJsonBodies(application, () => ApiError.invalidRequest('The request body must be a JSON object'));
  forbidStoring(application);
  const completeRoutes = refuseOtherMethods(application);
  await application.init();
  completeRoutes();
  return application;
}

/** Every answer depends on the token of its request. */
function forbidStoring(application: NestFastifyApplication): void {
  const fastify = application.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', async (_request, reply) => {
    void reply.header('cache-control', 'no-store');
  });
}
