import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createHttpApplication, openDatabase, readJsonBodies, refuseOtherMethods } from '@latchkey/platform';
import type { Logger } from 'pino';
import { AppModule } from './app.module.js';
import type { AuthorizationServerConfig } from './config/authorization-server-config.js';
import { authorizationServerSchema } from './database/schema.js';
import { OAuthError } from './oauth/common/oauth-error.js';
import { forbidCaching } from './oauth/common/no-store.js';
import { parseFormBodies } from './oauth/common/parse-form-bodies.js';

/**
 * Opens and migrates the database, applies the configuration file and makes the server ready to listen. Closing the
 * application closes the database too.
 *
 * @throws ConfigurationError, DatabaseInUseError
 */
export async function createAuthorizationServer(
  config: AuthorizationServerConfig,
  logger: Logger,
): Promise<NestFastifyApplication> {
  const database = await openDatabase(config.databaseUrl, authorizationServerSchema, logger);
  let application: NestFastifyApplication | undefined;
  try {
    application = await createHttpApplication(AppModule.with(config, logger, database), {
      logger,
      trustProxy: config.trustProxy,
    });
    forbidCaching(application);
    parseFormBodies(application);
    readJsonBodies(application, () => OAuthError.invalidRequest('The request body must be a JSON object'));
    const completeRoutes = refuseOtherMethods(application);
    await application.init();
    completeRoutes();
    application
      .getHttpAdapter()
      .getInstance()
      .addHook('onClose', () => database.close());
    return application;
  } catch (error) {
    // Worker threads that have started would keep the process alive.
    await application?.close();
    await database.close();
    throw error;
  }
}
