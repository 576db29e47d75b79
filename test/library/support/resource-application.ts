import type { INestApplication } from '@nestjs/common';
import { createLogger } from '@latchkey/platform/logging';
import { loadResourceServerConfig } from '../../../apps/resource-server/src/config/resource-server-config.js';
import { createResourceServer } from '../../../apps/resource-server/src/create-resource-server.js';
import { AUDIENCE, IntrospectionServer, ISSUER } from './introspection-server.js';
import { createDatabase, type Dialect } from '../../support/databases.js';

export interface ResourceApplication {
  url: string;
  server: INestApplication;
  authorizationServer: IntrospectionServer;
  /** Everything logged, as JSON lines. */
  log: string[];
  /** A token of the resource owner `sub` with the usual scopes. */
  owner(sub: string, claims?: Record<string, unknown>): string;
  /** `body` is sent as JSON; text and bytes as they are, but with the same content type. */
  call(
    method: string,
    path: string,
    token?: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Response>;
  /** Creates a resource and gives its id. */
  create(token: string, name?: string, content?: string): Promise<string>;
  stop(): Promise<void>;
}

/**
 * The sample resource server on a database of its own, in front of a stand-in for the authorization server.
 *
 * @param through changes the way to the database
 */
export async function startResourceApplication(
  dialect: Dialect,
  through: (databaseUrl: string) => string = (url) => url,
): Promise<ResourceApplication> {
  const authorizationServer = await IntrospectionServer.start();
  const database = await createDatabase(dialect);
  const log: string[] = [];
  const config = loadResourceServerConfig({
    DATABASE_URL: through(database.url),
    AUTHORIZATION_SERVER_URL: authorizationServer.url,
    ISSUER,
    AUDIENCE,
    CLIENT_ID: 'resources-api',
    CLIENT_SECRET: 'the-secret',
    // The stand-in has no feed.
    REVOCATION_FEED: 'false',
  });
  const logger = createLogger('test', 'info', { write: (line) => void log.push(line) });
  const server = await createResourceServer(config, logger);
  await server.listen(0, '127.0.0.1');
  const url = await server.getUrl();

  const call: ResourceApplication['call'] = (method, path, token, body, headers = {}) => {
    const all = new Headers(body === undefined ? {} : { 'content-type': 'application/json' });
    if (token !== undefined) all.set('authorization', `Bearer ${token}`);
    new Headers(headers).forEach((value, name) => all.set(name, value));
    const raw = typeof body === 'string' || body instanceof Uint8Array;
    const sent = raw ? body : JSON.stringify(body);
    return fetch(url + path, { method, headers: all, ...(body !== undefined && { body: sent }) });
  };
  return {
    url,
    server,
    authorizationServer,
    log,
    call,
    owner: (sub, claims = {}) =>
      authorizationServer.token(
        `token-of-${sub}-${Object.values(claims)
          .join('-')
          .replace(/[^a-z]+/g, '-')}`,
        {
          sub,
          scope: 'resources:read resources:write',
          ...claims,
        },
      ),
    create: async (token, name = 'A name', content = 'Some content') => {
      const response = await call('POST', '/resources', token, { name, content });
      return ((await response.json()) as { id: string }).id;
    },
    stop: async () => {
      await server.close();
      await authorizationServer.stop();
      await database.drop();
    },
  };
}
