// One, two and four replicas over one PostgreSQL, any request to any replica: requests a second, and what each operation
// costs the database. On a machine with few cores the costs say more than the rates.
//   npm run build:bundle && node bench/replicas.mjs [--seconds 5] [--sessions 40000]
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import {
  CLIENT,
  environmentIn,
  makeSessions,
  RESOURCE_SERVER,
  startWith,
} from './support/authorization-server.mjs';
import { databaseCosts } from './support/database-costs.mjs';
import { HttpConnection } from './support/http-connection.mjs';
import { clientCredentials, introspection, password, refresh, revocation } from './support/operations.mjs';
import { startPostgres } from './support/postgres.mjs';
import { saveResults } from './support/results.mjs';
import { temporaryFolder } from './support/server.mjs';
import { table } from './support/tables.mjs';

const CONNECTIONS = 32;
const REPLICAS = [1, 2, 4];
/** So few that each replica has seen all of them before it is measured. */
const TOKENS = 2_000;
/** For each replica, before each operation: code that was never run is compiled, caches fill, connections open. */
const WARM_UP_S = 3;

const { values: options } = parseArgs({
  options: { seconds: { type: 'string', default: '5' }, sessions: { type: 'string', default: '40000' } },
});
const postgres = await startPostgres({
  shared_buffers: '256MB',
  shared_preload_libraries: 'pg_stat_statements',
});
const rows = [];
try {
  for (const count of REPLICAS) rows.push(...(await measureReplicas(count)));
} finally {
  await postgres.stop();
}

const head = [
  'replicas',
  'operation',
  'requests/s',
  'predicted',
  'off by',
  'p99 ms',
  'CPU µs: replica',
  'database',
  'load',
  'statements',
  'rows written',
  'WAL bytes',
];
for (const row of rows) row.predicted = predict(row);
const text = `${table(
  head,
  rows.map((row) => [
    row.replicas,
    row.operation,
    Math.round(row.perSecond),
    Math.round(row.predicted),
    `${Math.round((row.predicted / row.perSecond - 1) * 100)} %`,
    row.p99.toFixed(1),
    ...Object.values(row.processor).map(Math.round),
    ...[row.statements, row.rows].map((value) => value.toFixed(2)),
    Math.round(row.walBytes),
  ]),
)}\n\nCosts are for each request. Predicted from the costs with one replica, see docs/scaling.md.`;
console.log(`\n${text}`);
saveResults('replicas', rows, text);

/** A replica has one thread that answers; all processes together have the cores of the machine. */
function predict({ replicas, operation }) {
  const { processor } = rows.find((row) => row.replicas === 1 && row.operation === operation);
  const { server, database, load } = processor;
  return 1e6 * Math.min(replicas / server, availableParallelism() / (server + database + load));
}

/** Seconds so far. */
function processorTimes(replicas) {
  const { user, system } = process.cpuUsage();
  return {
    server: replicas.reduce((sum, replica) => sum + replica.processorTime(), 0),
    database: postgres.processorTime(),
    load: (user + system) / 1e6,
  };
}

function mapValues(object, change) {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value, name)]));
}

async function measureReplicas(count) {
  const name = `replicas_${count}`;
  await postgres.createDatabase(name);
  const folder = temporaryFolder();
  const environment = environmentIn(folder, { DATABASE_URL: postgres.url(name), LOG_LEVEL: 'warn' });
  const sessions = await makeSessions(environment, CLIENT, Number(options.sessions), {
    report: console.error,
  });
  const replicas = [];
  for (let index = 0; index < count; index++) replicas.push(await startWith(environment, { pinned: false }));
  const half = sessions.refreshTokens.length / 2;
  const operations = {
    introspection: introspection(
      '/oauth/introspect',
      RESOURCE_SERVER,
      sessions.accessTokens.slice(half, half + TOKENS),
    ),
    refresh: refresh('/oauth/token', sessions.refreshTokens.slice(half), CONNECTIONS),
    password: password('/oauth/token'),
    'client credentials': clientCredentials('/oauth/token'),
    revocation: revocation('/oauth/revoke', sessions.refreshTokens.slice(0, half)),
  };
  const found = [];
  try {
    for (const [operation, { next, check }] of Object.entries(operations)) {
      await ask(replicas, next, check, WARM_UP_S * count);
      const costs = await databaseCosts(postgres.url(name));
      const before = processorTimes(replicas);
      const result = await ask(replicas, next, check, Number(options.seconds));
      const processor = mapValues(
        processorTimes(replicas),
        (time, who) => ((time - before[who]) * 1e6) / result.requests,
      );
      const used = { ...(await costs.since(result.requests)), processor };
      console.error(`${count} replicas  ${operation}: ${Math.round(result.perSecond)}/s`);
      found.push({ replicas: count, operation, ...result, ...used });
    }
  } finally {
    await Promise.all(replicas.map((replica) => replica.stop()));
  }
  return found;
}

/** A closed loop in which each connection asks one replica after the other. */
async function ask(replicas, next, check, seconds) {
  const end = performance.now() + seconds * 1000;
  const start = performance.now();
  const latencies = [];
  const connection = async (index) => {
    const connections = replicas.map(({ url }) => new HttpConnection(url));
    for (let turn = index; performance.now() < end; turn++) {
      const request = next(index);
      if (request === null) break;
      const sent = performance.now();
      check(await connections[turn % connections.length].send(request), index);
      latencies.push(performance.now() - sent);
    }
    for (const http of connections) http.close();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, index) => connection(index)));
  latencies.sort((one, other) => one - other);
  return {
    requests: latencies.length,
    perSecond: (latencies.length * 1000) / (performance.now() - start),
    p99: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
  };
}
