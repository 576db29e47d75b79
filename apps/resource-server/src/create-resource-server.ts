import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DatabaseMetrics, openDatabase } from '@latchkey/platform/database';
import { createHttpApplication, readJsonBodies, refuseOtherMethods } from '@latchkey/platform/http';
import { serveDocs, serveRoot, type RootAnswer } from '@latchkey/platform/openapi';
import { metadataUrl } from '@latchkey/resource-server';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { API_DESCRIPTION } from './http/api-description.js';
import { AppModule } from './app.module.js';
import type { ResourceServerConfig } from './config/resource-server-config.js';
import { resourceServerSchema } from './database/schema.js';
import { ApiError } from './http/api-error.js';

/**
 * Opens and migrates the database and creates the server, ready to listen. Closing the application drains requests and
 * closes the database.
 *
 * @throws DatabaseInUseError when another process serves the same SQLite file
 * @throws ListenError
 */
export async function createResourceServer(
  config: ResourceServerConfig,
  logger: Logger,
): Promise<NestFastifyApplication> {
  const registry = new Registry();
  const database = await openDatabase(config.database, resourceServerSchema, logger, {
    metrics: new DatabaseMetrics(registry),
  });
  let application: NestFastifyApplication | undefined;
  try {
    const metrics = { registry, endpoint: config.metrics, logger };
    application = await createHttpApplication(AppModule.register(config, database, metrics), {
      logger,
      registry,
      settings: config.http,
      trustProxy: false,
    });
    application.getHttpAdapter().getInstance().removeAllContentTypeParsers();
    readJsonBodies(application, () => ApiError.invalidRequest('The request body must be a JSON object'));
    const completeRoutes = refuseOtherMethods(application);
    if (config.http.docs) serveDocs(application, { ...API_DESCRIPTION, url: config.resource ?? '/' });
    serveRoot(application, rootAnswer(config));
    await application.init();
    completeRoutes();
    return application;
  } catch (error) {
    // Started parts, such as the revocation feed, would keep the process alive.
    await (application ?? database).close();
    throw error;
  }
}

/** Contains paths if the server does not know its URL for clients. */
function rootAnswer({ resource, http }: ResourceServerConfig): RootAnswer {
  return {
    name: API_DESCRIPTION.title,
    version: http.docs ? API_DESCRIPTION.version : null,
    links: {
      ...(resource !== null && { metadata: metadataUrl(resource).href }),
      ...(http.docs && { documentation: resource === null ? '/docs' : new URL('/docs', resource).href }),
    },
  };
}
