import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseDatabaseUrl } from '@latchkey/platform/database';
import { ListenError } from '@latchkey/platform/http';
import { createLogger } from '@latchkey/platform/logging';
import { MetricsModule } from '@latchkey/platform/metrics';
import { loadConfig } from '../../apps/authorization-server/src/config/load-config.js';
import { createAuthorizationServer } from '../../apps/authorization-server/src/create-authorization-server.js';
import { loadResourceServerConfig } from '../../apps/resource-server/src/config/resource-server-config.js';
import { createResourceServer } from '../../apps/resource-server/src/create-resource-server.js';
import { type TestDatabase } from '../support/databases.js';
import { createServerDatabase } from '../support/server-databases.js';
import { eventually } from '../support/eventually.js';
import { send } from '../support/http.js';

const logger = createLogger('test', 'silent');

function createServerWith(
  name: 'authorization server' | 'resource server',
  { url }: TestDatabase,
  metrics: Record<string, string>,
): Promise<INestApplication> {
  if (parseDatabaseUrl(url) === null) throw new Error('The URL of the test database is not usable');
  return name === 'authorization server'
    ? createAuthorizationServer(
        loadConfig({
          PORT: '0',
          ISSUER: 'https://login.example.com',
          DATABASE_URL: url,
          LATCHKEY_MASTER_KEY: Buffer.alloc(32, 'test master key ').toString('base64'),
          HASH_WORKERS: '1',
          ...metrics,
        }),
        logger,
      )
    : createResourceServer(
        loadResourceServerConfig({
          AUTHORIZATION_SERVER_URL: 'https://login.example.com',
          AUDIENCE: 'https://api.example.com',
          CLIENT_ID: 'resource-server',
          CLIENT_SECRET: 'resource-server-secret-0123456789ab',
          DATABASE_URL: url,
          ...metrics,
        }),
        logger,
      );
}

describe.each(['authorization server', 'resource server'] as const)('The metrics port of the %s', (name) => {
  let database: TestDatabase;
  let application: INestApplication | undefined;
  let other: Server | undefined;

  beforeEach(async () => {
    database = await createServerDatabase('sqlite');
  });

  afterEach(async () => {
    await application?.close();
    application = undefined;
    other?.close();
    other = undefined;
    await database.drop();
  });

  it('opens and closes with the application, and answers this machine alone', async () => {
    application = await createServerWith(name, database, { METRICS_PORT: '0' });
    const url = application.get(MetricsModule).url ?? '';
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
    const { status, text } = await send(url);
    expect(status).toBe(200);
    expect(text).toContain('process_resident_memory_bytes');
    await application.close();
    application = undefined;
    // Over a connection of its own, not the one that the first request kept open.
    await expect(fetch(url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });

  it('is not there unless it is asked for, and never on the port of the server', async () => {
    application = await createServerWith(name, database, {});
    expect(application.get(MetricsModule).url).toBeNull();
    await application.listen(0, '127.0.0.1');
    const { text } = await send(`${await application.getUrl()}/metrics`);
    expect(text).not.toContain('process_resident_memory_bytes');
  });

  it('stops the start when it is taken, and leaves nothing running and no database open', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
    const timersBefore = timers();
    other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const METRICS_PORT = String((other.address() as AddressInfo).port);
    const start = createServerWith(name, database, { METRICS_PORT });
    await expect(start).rejects.toThrow(ListenError);
    await eventually(() => expect(timers()).toBeLessThanOrEqual(timersBefore));
    application = await createServerWith(name, database, {});
  });
});
