import 'reflect-metadata';
import { runServer } from '@latchkey/platform/http';
import { createLogger } from '@latchkey/platform/logging';
import { loadResourceServerConfig } from './config/resource-server-config.js';
import { createResourceServer } from './create-resource-server.js';

await runServer(async () => {
  const config = loadResourceServerConfig(process.env);
  const logger = createLogger('resource-server', config.logLevel);
  const application = await createResourceServer(config, logger);
  return { application, logger, settings: config.http };
});
