// Does it stay as fast with millions of sessions?
//   npm run build:bundle && node bench/scale.mjs [--sessions 10000000] [--databases sqlite,postgres] [--rounds 3] [--seconds 5]
//
// Two servers over databases of 10,000 and of so many sessions, asked in turn, first about each token once, then about
// what they remember; then what an administrator and the server itself do with the large one.
import { parseArgs } from 'node:util';
import sql from 'sql-template-tag';
import { Database } from '@latchkey/platform/database';
import { AuthorizationRepository } from '../apps/authorization-server/dist/authorizations/authorization-repository.js';
import { CleanupService } from '../apps/authorization-server/dist/cleanup/cleanup.service.js';
import { UsersService } from '../apps/authorization-server/dist/users/users.service.js';
import {
  CLIENT,
  environmentIn,
  inServer,
  makeSessions,
  RESOURCE_SERVER,
  startWith,
} from './support/authorization-server.mjs';
import { run, runEach } from './support/load.mjs';
import { introspection, refresh } from './support/operations.mjs';
import { saveResults } from './support/results.mjs';
import { pinLoad, temporaryFolder } from './support/server.mjs';
import { administer, startPostgres } from './support/postgres.mjs';
import { median } from './support/statistics.mjs';
import { table } from './support/tables.mjs';

const CONNECTIONS = 32;
const SMALL = 10_000;
const EXPIRED = 20_000;

const { values: options } = parseArgs({
  options: {
    sessions: { type: 'string', default: '10000000' },
    databases: { type: 'string', default: 'sqlite,postgres' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
  },
});
const sessions = Number(options.sessions);
pinLoad();

const results = {};
for (const dialect of options.databases.split(',')) results[dialect] = await measure(dialect);
const names = Object.keys(Object.values(results)[0]);
const text = table(
  ['what', ...Object.keys(results)],
  names.map((name) => [name, ...Object.values(results).map((figures) => figures[name])]),
);
console.log(`\n${sessions.toLocaleString('en')} sessions beside ${SMALL.toLocaleString('en')}\n\n${text}`);
saveResults('scale', { sessions, results }, text);

async function measure(dialect) {
  const postgres =
    dialect === 'postgres' ? await startPostgres({ shared_buffers: '1GB', max_wal_size: '8GB' }) : null;
  try {
    const small = await prepare(postgres, 'small', SMALL);
    const large = await prepare(postgres, 'large', sessions);
    const figures = { ...(await compare(small, large)), ...(await maintain(large)) };
    return { ...figures, 'bytes per session': await bytesPerSession(dialect, large, sessions) };
  } finally {
    await postgres?.stop();
  }
}

async function prepare(postgres, name, count) {
  const folder = temporaryFolder();
  await postgres?.createDatabase(name);
  const environment = environmentIn(folder, postgres === null ? {} : { DATABASE_URL: postgres.url(name) });
  const start = performance.now();
  const made = await makeSessions(environment, CLIENT, count, { tokens: SMALL, report: console.error });
  console.error(`${count} sessions in ${((performance.now() - start) / 1000).toFixed(0)} s`);
  // Otherwise PostgreSQL does it by itself a little later, while it is measured.
  if (postgres !== null) {
    for (const statement of ['VACUUM ANALYZE', 'CHECKPOINT']) await administer(postgres.url(name), statement);
  }
  return { environment, made };
}

async function compare(small, large) {
  const sides = [];
  for (const [name, { environment, made }] of Object.entries({ small, large })) {
    const start = performance.now();
    const server = await startWith(environment);
    const startUp = (performance.now() - start) / 1000;
    const operations = {
      introspection: introspection('/oauth/introspect', RESOURCE_SERVER, made.accessTokens),
      refresh: refresh('/oauth/token', made.refreshTokens, CONNECTIONS),
    };
    const { perSecond } = await runEach({
      server,
      connections: CONNECTIONS,
      count: made.accessTokens.length,
      ...operations.introspection,
    });
    console.error(`first introspection, ${name}: ${Math.round(perSecond)}/s`);
    const rates = { 'first introspection': [perSecond], introspection: [], refresh: [] };
    sides.push({ name, server, startUp, operations, rates });
  }
  for (let round = 1; round <= Number(options.rounds); round++) {
    for (const operation of ['introspection', 'refresh']) {
      for (const { name, server, operations, rates } of sides) {
        const { perSecond } = await run({
          server,
          connections: CONNECTIONS,
          seconds: Number(options.seconds),
          warmUp: 3,
          ...operations[operation],
        });
        rates[operation].push(perSecond);
        console.error(`round ${round}  ${operation}, ${name}: ${Math.round(perSecond)}/s`);
      }
    }
  }
  await Promise.all(sides.map(({ server }) => server.stop()));
  const figures = {};
  for (const operation of Object.keys(sides[0].rates)) {
    const [few, many] = sides.map(({ rates }) => median(rates[operation]));
    figures[`${operation}/s with few`] = Math.round(few);
    figures[`${operation}/s with many`] = Math.round(many);
    figures[`${operation}: times slower`] = (few / many).toFixed(2);
  }
  return { ...figures, 'start to ready, s': sides[1].startUp.toFixed(2) };
}

/** What is done seldom, in a server that does not listen. */
async function maintain({ environment, made }) {
  return inServer(environment, async (get) => {
    const database = get(Database);
    const [{ sub }] = await database.query(sql`SELECT sub FROM users WHERE username = 'user-100'`);
    const context = { actor: null, address: null, requestId: null };
    const authorizations = get(AuthorizationRepository);
    const list = await milliseconds(() => authorizations.listLiveByOwner(sub, 50, null));
    const disable = await milliseconds(() => get(UsersService).disable(sub, context));
    await database.execute(sql`UPDATE authorizations SET expires_at = 0 WHERE id IN (
      SELECT id FROM authorizations ORDER BY id LIMIT ${Math.min(EXPIRED, made.sids.length)})`);
    const cleanup = await milliseconds(() => get(CleanupService).run());
    return {
      "list a user's sessions, ms": list.toFixed(1),
      'disable a user, ms': disable.toFixed(1),
      [`delete ${EXPIRED.toLocaleString('en')} expired sessions in the background, ms`]: cleanup.toFixed(0),
    };
  });
}

async function milliseconds(act) {
  const start = performance.now();
  await act();
  return performance.now() - start;
}

async function bytesPerSession(dialect, { environment }, count) {
  const [{ bytes }] = await inServer(environment, (get) =>
    get(Database).query(
      dialect === 'sqlite'
        ? sql`SELECT sum(pgsize) AS bytes FROM dbstat
            WHERE name LIKE 'authorizations%' OR name LIKE 'sqlite_autoindex_authorizations%'`
        : sql`SELECT pg_total_relation_size('authorizations') AS bytes`,
    ),
  );
  return (Number(bytes) / count).toFixed(0);
}
