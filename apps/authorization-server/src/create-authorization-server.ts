import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DatabaseMetrics, openDatabase } from '@latchkey/platform/database';
import {
  createHttpApplication,
  MERGE_PATCH,
  readJsonBodies,
  refuseOtherMethods,
} from '@latchkey/platform/http';
import { serveDocs, serveRoot, type RootAnswer } from '@latchkey/platform/openapi';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { API_DESCRIPTION } from './http/api-description.js';
import { AppModule } from './app.module.js';
import type { AuthorizationServerConfig } from './config/authorization-server-config.js';
import { authorizationServerSchema } from './schema.js';
import { malformedPathAnswer } from './http/error.filter.js';
import { OAuthError } from './oauth/common/oauth-error.js';
import { parseFormBodies } from './oauth/common/parse-form-bodies.js';
import { answerIntrospectionBeforeNest } from './oauth/introspection/answer-before-nest.js';
import { PublishedScopes } from './scopes/published-scopes.js';

/**
 * Opens and migrates the database, applies the configuration file and prepares the server to listen. Closing the
 * application closes the database too.
 *
 * @throws ConfigurationError, DatabaseInUseError, ListenError
 */
export async function createAuthorizationServer(
  config: AuthorizationServerConfig,
  logger: Logger,
): Promise<NestFastifyApplication> {
  const registry = new Registry();
  const database = await openDatabase(config.databaseUrl, authorizationServerSchema, logger, {
    metrics: new DatabaseMetrics(registry),
  });
  let application: NestFastifyApplication | undefined;
  try {
    // Before anything is read that may be cached.
    await database.notifications.start();
    application = await createHttpApplication(AppModule.with(config, logger, database, registry), {
      logger,
      registry,
      settings: config.http,
      trustProxy: config.trustProxy,
      malformedPath: malformedPathAnswer,
    });
    parseFormBodies(application);
    readJsonBodies(application, () => OAuthError.invalidRequest('The request body must be a JSON object'), [
      'application/json',
      MERGE_PATCH,
    ]);
    answerIntrospectionBeforeNest(application);
    const completeRoutes = refuseOtherMethods(application);
    if (config.http.docs) serveDocs(application, { ...API_DESCRIPTION, url: config.issuer });
    serveRoot(application, rootAnswer(config));
    await application.init();
    await application.get(PublishedScopes).load();
    completeRoutes();
    return application;
  } catch (error) {
    // Running worker threads would keep the process alive.
    await (application ?? database).close();
    throw error;
  }
}

function rootAnswer({ issuer, http }: AuthorizationServerConfig): RootAnswer {
  const base = issuer.replace(/\/$/, '');
  return {
    name: API_DESCRIPTION.title,
    version: http.docs ? API_DESCRIPTION.version : null,
    links: {
      metadata: `${base}/.well-known/oauth-authorization-server`,
      ...(http.docs && { documentation: `${base}/docs` }),
    },
  };
}
