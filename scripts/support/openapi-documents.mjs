import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { createLogger } from '@latchkey/platform/logging';
import { openApiDocument } from '@latchkey/platform/openapi';
import * as authorizationServer from '../../apps/authorization-server/dist/http/api-description.js';
import { loadConfig } from '../../apps/authorization-server/dist/config/load-config.js';
import { createAuthorizationServer } from '../../apps/authorization-server/dist/create-authorization-server.js';
import * as resourceServer from '../../apps/resource-server/dist/http/api-description.js';
import { loadResourceServerConfig } from '../../apps/resource-server/dist/config/resource-server-config.js';
import { createResourceServer } from '../../apps/resource-server/dist/create-resource-server.js';

/**
 * The OpenAPI documents of both servers, from the controllers that they run. Expects that they are built.
 *
 * @returns by the name of the server
 */
export async function openApiDocuments() {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-openapi-'));
  try {
    return {
      'authorization-server': await documentOf(startAuthorizationServer(folder), authorizationServer),
      'resource-server': await documentOf(startResourceServer(folder), resourceServer),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function documentOf(starting, { API_DESCRIPTION }) {
  const application = await starting;
  try {
    return openApiDocument(application, API_DESCRIPTION);
  } finally {
    await application.close();
  }
}

const silent = (name) =>
  createLogger(name, 'silent', new Writable({ write: (_chunk, _encoding, done) => done() }));

function startAuthorizationServer(folder) {
  const config = loadConfig({
    DATABASE_URL: `sqlite:${join(folder, 'latchkey.sqlite')}`,
    LATCHKEY_DATA_DIR: folder,
    HASH_WORKERS: '1',
  });
  return createAuthorizationServer(config, silent('authorization-server'));
}

function startResourceServer(folder) {
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
