import 'reflect-metadata';
import { runServer } from '@latchkey/platform/http';
import { createLogger } from '@latchkey/platform/logging';
import { loadConfig } from './config/load-config.js';
import { createAuthorizationServer } from './create-authorization-server.js';

await runServer(async () => {
  const config = loadConfig(process.env);
  const logger = createLogger('authorization-server', config.logLevel);
  const application = await createAuthorizationServer(config, logger);
  return { application, logger, settings: config.http };
});
