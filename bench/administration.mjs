// Do administration and cleanup stay cheap with a million authorizations?
//   npm run build:bundle && node bench/administration.mjs [--quick] [--rows 1000000] [--expired 500000]
//     [--rate 2000] [--databases sqlite,postgres]
//
// Lists: two servers, with 1,000 rows and with many, are asked in turn. Then half of the many have expired, and the
// cleanup in the background deletes them while a resource server goes on introspecting. At the end the client of all
// others is disabled. Fails unless every line holds its bound.
import { parseArgs } from 'node:util';
import { Database, idFromBytes } from '@latchkey/platform/database';
import { encodeCursor } from '@latchkey/platform/http';
import sql from 'sql-template-tag';
import { administratorsToken, ask, listRequests } from './support/administrator.mjs';
import {
  CLIENT,
  environmentIn,
  inServer,
  makeSessions,
  RESOURCE_SERVER,
  startWith,
} from './support/authorization-server.mjs';
import { generateAuditEvents } from './support/generate-audit-events.mjs';
import { formPost } from './support/http-connection.mjs';
import { watchCleanup } from './support/cleanup-watch.mjs';
import { after, introspect } from './support/introspection-latency.mjs';
import { run } from './support/load.mjs';
import { introspection } from './support/operations.mjs';
import { startPostgres } from './support/postgres.mjs';
import { saveResults } from './support/results.mjs';
import { freePort, pinLoad, temporaryFolder } from './support/server.mjs';
import { median } from './support/statistics.mjs';
import { table } from './support/tables.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rows: { type: 'string' },
    expired: { type: 'string' },
    rate: { type: 'string', default: '2000' },
    databases: { type: 'string', default: 'sqlite,postgres' },
  },
});
const rows = Number(options.rows ?? (options.quick ? 100_000 : 1_000_000));
const expired = Number(options.expired ?? rows / 2);
const rate = Number(options.rate);
const FEW = 1000;
const ROUNDS = options.quick ? 3 : 5;
const IDLE_MS = options.quick ? 8000 : 20_000;
const PAGE = 50;

const MAX_RATIO = 3;
const FLOOR_MS = 5;
/** Beyond this the machine is busy with something else, and three times as much would prove nothing. */
const MAX_IDLE_MS = 20;
const MAX_DISABLE_MS = 20;
/** The administrator's own, which expire while the cleanup goes on. */
const OWN_SESSIONS = 5;

/** When the server cleans up for the first time. */
const CLEANUP_STARTS_MS = 60_000;

pinLoad();
const lines = [];
for (const dialect of options.databases.split(',')) lines.push(...(await measure(dialect)));
const text = table(
  ['database', 'what', 'with few', 'with many', 'ratio', 'at most', ''],
  lines.map(({ dialect, what, few, many, ratio, bound, ok }) => [
    dialect,
    what,
    few,
    many,
    ratio?.toFixed(2) ?? '',
    bound,
    ok ? 'PASS' : 'FAIL',
  ]),
);
console.log(`\n${rows.toLocaleString('en')} rows beside ${FEW.toLocaleString('en')}; times in ms\n\n${text}`);
saveResults('administration', { rows, expired, rate, lines }, text);
process.exit(lines.every(({ ok }) => ok) ? 0 : 1);

async function measure(dialect) {
  const postgres =
    dialect === 'postgres' ? await startPostgres({ shared_buffers: '512MB', max_wal_size: '4GB' }) : null;
  try {
    const few = await prepare(postgres, 'few', FEW, 0);
    const many = await prepare(postgres, 'many', rows, expired / rows);
    const found = [...(await compareLists(few, many)), ...(await cleanUpAndDisable(many))];
    return found.map((line) => ({ dialect, ...line }));
  } finally {
    await postgres?.stop();
  }
}

async function prepare(postgres, name, count, share) {
  await postgres?.createDatabase(name);
  const metricsPort = await freePort();
  const environment = environmentIn(temporaryFolder(), {
    METRICS_PORT: String(metricsPort),
    ...(postgres !== null && { DATABASE_URL: postgres.url(name) }),
  });
  const report = console.error;
  const made = await makeSessions(environment, CLIENT, count, {
    tokens: Math.min(FEW, count / 2),
    expired: share,
    report,
  });
  const subjects = await generateAuditEvents(environment.DATABASE_URL, count, {
    clientId: CLIENT.id,
    report,
  });
  const { nearTheEnd, users } = await inServer(environment, async (part) => {
    const database = part(Database);
    // What is left after it is more than a page.
    const [{ id }] = await database.query(
      sql`SELECT id FROM authorizations ORDER BY id LIMIT 1 OFFSET ${2 * PAGE}`,
    );
    const owners = await database.query(sql`SELECT u.username FROM users u
      WHERE (SELECT count(*) FROM authorizations a WHERE a.user_key = u.key) = 3 ORDER BY u.key LIMIT 20`);
    return {
      nearTheEnd: encodeCursor(idFromBytes(id)),
      users: owners.map(({ username }) => username),
    };
  });
  return { environment, made, metricsPort, subjects, nearTheEnd, users };
}

async function compareLists(few, many) {
  const startedAt = performance.now();
  const sides = [];
  for (const side of [few, many]) {
    const server = await startWith(side.environment);
    const requests = listRequests(side, `Bearer ${await administratorsToken(server)}`);
    sides.push({ server, requests, times: {} });
  }
  for (let round = 1; round <= ROUNDS; round++) {
    for (const what of Object.keys(sides[0].requests)) {
      for (const { server, requests, times } of sides)
        (times[what] ??= []).push(await timeOf(server, requests[what]));
    }
  }
  await Promise.all(sides.map(({ server }) => server.stop()));
  if (performance.now() - startedAt > CLEANUP_STARTS_MS) throw new Error('too slow: the cleanup had begun');
  return Object.keys(sides[0].requests).map((what) => {
    const [fewTimes, manyTimes] = sides.map(({ times }) => times[what]);
    const ratio = median(manyTimes) / median(fewTimes);
    return {
      what,
      few: spread(fewTimes),
      many: spread(manyTimes),
      ratio,
      bound: `${MAX_RATIO} x`,
      ok: ratio <= MAX_RATIO,
    };
  });
}

/** The median of one request after the other, in ms. */
async function timeOf(server, requests) {
  let turn = 0;
  const { p50 } = await run({
    server,
    connections: 1,
    warmUp: 0.1,
    seconds: 0.3,
    next: () => requests[turn++ % requests.length],
    check({ status, body }) {
      if (status !== 200 || !/^\{"data":\[\{/.test(body)) throw new Error(`a list: ${status} ${body}`);
    },
  });
  return p50;
}

/** On one server: introspection while nothing else happens, then during the cleanup; then the client is disabled. */
async function cleanUpAndDisable({ environment, made, metricsPort }) {
  const server = await startWith(environment);
  const startedAt = performance.now();
  const { next } = introspection('/oauth/introspect', RESOURCE_SERVER, made.accessTokens);
  const introspectUntil = (until) => introspect({ server, rate, next, until });
  await introspectUntil(after(3000));
  const idle = (await introspectUntil(after(IDLE_MS))).p99();
  if (performance.now() - startedAt > CLEANUP_STARTS_MS) throw new Error('too slow: the cleanup had begun');

  const cleanup = watchCleanup(metricsPort, 'authorizations', expired);
  const latencies = await introspectUntil(cleanup.ended);
  const { from, to, deleted } = await cleanup.result;
  const during = latencies.p99(from, to);
  const bound = Math.max(MAX_RATIO * idle, FLOOR_MS);
  console.error(`${deleted} rows in ${((to - from) / 1000).toFixed(1)} s, ${latencies.count} introspections`);
  const disabled = await disableClient(server, next);
  await server.stop();
  return [
    { what: 'introspection p99, idle', many: idle.toFixed(2), bound: MAX_IDLE_MS, ok: idle <= MAX_IDLE_MS },
    {
      what: `introspection p99 while ${expired.toLocaleString('en')} expired rows go in ${((to - from) / 1000).toFixed(0)} s`,
      few: `${idle.toFixed(2)} idle`,
      many: during.toFixed(2),
      ratio: during / idle,
      bound: bound.toFixed(1),
      ok: during <= bound && deleted >= expired && deleted <= expired + OWN_SESSIONS,
    },
    ...disabled,
  ].map((line) => ({ few: '', ...line }));
}

/** Several times, enabling it in between: its authorizations must end the first time, and stay ended. */
async function disableClient(server, next) {
  const token = await administratorsToken(server);
  const post = (action) =>
    ask(server, formPost(`/admin/clients/${CLIENT.id}/${action}`, { authorization: `Bearer ${token}` }, ''));
  const isActive = async () => JSON.parse((await ask(server, next())).body).active;
  const activeBefore = await isActive();
  const times = [];
  const activeAfter = [];
  for (let turn = 0; turn < 5; turn++) {
    const start = performance.now();
    const { status, body } = await post('disable');
    times.push(performance.now() - start);
    if (status >= 300) throw new Error(`disable: ${status} ${body}`);
    activeAfter.push(await isActive());
    await post('enable');
    activeAfter.push(await isActive());
  }
  const ended = activeBefore && activeAfter.every((active) => !active);
  return [
    {
      what: `disable a client with ${(rows - expired).toLocaleString('en')} authorizations`,
      many: spread(times),
      bound: MAX_DISABLE_MS,
      ok: median(times) <= MAX_DISABLE_MS,
    },
    {
      what: 'its tokens, before and after',
      few: 'active',
      many: ended ? 'inactive' : 'active',
      bound: '',
      ok: ended,
    },
  ];
}

/** Median, and the least and the most. */
function spread(times) {
  return `${median(times).toFixed(2)} (${Math.min(...times).toFixed(2)} to ${Math.max(...times).toFixed(2)})`;
}
