import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { createLogger } from '@latchkey/platform/logging';
import { applicationRoutes } from '@latchkey/platform/openapi';
import { loadConfig } from '../../apps/authorization-server/dist/config/load-config.js';
import { createAuthorizationServer } from '../../apps/authorization-server/dist/create-authorization-server.js';
import { loadResourceServerConfig } from '../../apps/resource-server/dist/config/resource-server-config.js';
import { createResourceServer } from '../../apps/resource-server/dist/create-resource-server.js';
import { ENDPOINTS } from './endpoint-meanings.mjs';
import { code, page, table } from './markdown.mjs';

/** docs/reference/endpoints.md: routes from both servers as they run, meanings from the list beside this. */
export async function endpointsPage() {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-reference-'));
  try {
    const servers = [
      ['Authorization server', await routesOf(authorizationServer(folder))],
      ['Resource server', await routesOf(resourceServer(folder))],
    ];
    return page(
      'Endpoints',
      'Every route of both servers. What the administration API has in common: [administration API](../admin-api.md). `:name` stands for a segment of the path.',
      servers.flatMap(([title, routes]) => [
        `## ${title}`,
        table(['route', 'who', 'what it does'], rows(title, routes)),
      ]),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function rows(title, routes) {
  const described = ENDPOINTS[title];
  const known = new Set(Object.keys(described));
  const served = new Set(routes);
  const wrong = [...known, ...served].filter((route) => known.has(route) !== served.has(route));
  if (wrong.length > 0)
    throw new Error(`scripts/reference/endpoint-meanings.mjs: look after ${wrong.join(', ')}`);
  return Object.entries(described).map(([route, [who, what]]) => [code(route), who, what]);
}

async function routesOf(starting) {
  const application = await starting;
  try {
    return applicationRoutes(application).map(({ method, path }) => `${method} ${path}`);
  } finally {
    await application.close();
  }
}

const silent = (name) =>
  createLogger(name, 'silent', new Writable({ write: (_chunk, _encoding, done) => done() }));

function authorizationServer(folder) {
  const config = loadConfig({
    DATABASE_URL: `sqlite:${join(folder, 'latchkey.sqlite')}`,
    LATCHKEY_DATA_DIR: folder,
    HASH_WORKERS: '1',
  });
  return createAuthorizationServer(config, silent('authorization-server'));
}

function resourceServer(folder) {
  const config = loadResourceServerConfig({
    DATABASE_URL: `sqlite:${join(folder, 'resources.sqlite')}`,
    AUTHORIZATION_SERVER_URL: 'http://127.0.0.1:9',
    CLIENT_ID: 'reference',
    CLIENT_SECRET: 'reference',
    AUDIENCE: 'http://127.0.0.1:9/',
    REVOCATION_FEED: 'false',
  });
  return createResourceServer(config, silent('resource-server'));
}
