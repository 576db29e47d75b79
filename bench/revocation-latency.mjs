// How long a token still passes after its revocation was acknowledged: sessions that three resource servers remember are
// revoked one after another, and each resource server is asked until it refuses. Over SQLite, and through two replicas
// over PostgreSQL, where the resource servers listen to another replica than the one that revokes:
//   npm run build:bundle && node bench/revocation-latency.mjs [--revocations 1000]
// Fails when the 99th percentile is 100 ms or more, or a revoked token passes again.
import { parseArgs } from 'node:util';
import {
  AUDIENCE,
  CLIENT,
  environmentIn,
  ISSUER,
  makeSessions,
  RESOURCE_SERVER,
  startWith,
} from './support/authorization-server.mjs';
import { basic, formPost, get, HttpConnection } from './support/http-connection.mjs';
import { startPostgres } from './support/postgres.mjs';
import { startServer, temporaryFolder } from './support/server.mjs';
import { percentile } from './support/statistics.mjs';
import { table } from './support/tables.mjs';

const LIMIT_MS = 100;
/** A revoked token that passes for as long was missed. */
const GIVE_UP_MS = 30_000;

const { values: options } = parseArgs({ options: { revocations: { type: 'string', default: '1000' } } });
const count = Number(options.revocations);

const rows = [];
rows.push(['SQLite', await measure(environmentIn(temporaryFolder()), 1)]);
const postgres = await startPostgres();
try {
  await postgres.createDatabase('latchkey');
  const environment = environmentIn(temporaryFolder(), { DATABASE_URL: postgres.url('latchkey') });
  rows.push(['PostgreSQL, 2 replicas', await measure(environment, 2)]);
} finally {
  await postgres.stop();
}
const figures = rows.map(([database, latencies]) => [database, ...summary(latencies)]);
console.log(table(['database', 'refusals', 'p50 ms', 'p90 ms', 'p99 ms', 'most ms'], figures.map(formatted)));
const worst = Math.max(...figures.map(([, , , , p99]) => p99));
console.log(`\n99th percentile ${worst.toFixed(1)} ms: ${worst < LIMIT_MS ? 'passed' : 'FAILED'}`);
process.exit(worst < LIMIT_MS ? 0 : 1);

/** @returns the latencies of all refusals */
async function measure(environment, replicas) {
  const sessions = await makeSessions(environment, CLIENT, count);
  const servers = [];
  for (let index = 0; index < replicas; index++)
    servers.push(await startWith(environment, { pinned: false }));
  const applications = await Promise.all(
    ['cached', 'cached', 'local'].map((validation, index) =>
      startServer(
        'bench/support/guarded-application.mjs',
        { OPTIONS: JSON.stringify(guardOptions(validation, servers[(index + 1) % replicas].url)) },
        '/',
        { pinned: false },
      ),
    ),
  );
  const clients = applications.map(({ url }) => new HttpConnection(url));
  const revoking = servers.map(({ url }) => new HttpConnection(url));
  const latencies = [];
  for (const [turn, accessToken] of sessions.accessTokens.entries()) {
    const request = get('/', { authorization: `Bearer ${accessToken}` });
    for (const client of clients) await untilStatus(client, request, 200);
    const acknowledged = await revoke(revoking[turn % replicas], sessions.refreshTokens[turn]);
    await Promise.all(
      clients.map(async (client) => {
        await untilStatus(client, request, 401);
        latencies.push(performance.now() - acknowledged);
      }),
    );
    if ((turn + 1) % 100 === 0) console.error(`${turn + 1} of ${count} revoked`);
  }
  // None comes back.
  for (const accessToken of sessions.accessTokens) {
    const request = get('/', { authorization: `Bearer ${accessToken}` });
    for (const client of clients) {
      const { status } = await client.send(request);
      if (status !== 401) throw new Error(`a revoked token was answered with ${status}`);
    }
  }
  for (const connection of [...clients, ...revoking]) connection.close();
  await Promise.all([...applications, ...servers].map((one) => one.stop()));
  return latencies;
}

function guardOptions(validation, url) {
  const common = {
    introspectionEndpoint: `${url}/oauth/introspect`,
    clientId: RESOURCE_SERVER.id,
    clientSecret: RESOURCE_SERVER.secret,
    issuer: ISSUER,
    audience: AUDIENCE,
    revocationFeed: { endpoint: `${url}/oauth/revocations` },
  };
  return validation === 'local'
    ? { ...common, validation: 'local', jwks: { uri: `${url}/oauth/jwks` } }
    : common;
}

/** @returns when the revocation was acknowledged */
async function revoke(server, refreshToken) {
  const { status, body } = await server.send(
    formPost('/oauth/revoke', { authorization: basic(CLIENT) }, `token=${refreshToken}`),
  );
  if (status !== 200) throw new Error(`revocation: ${status} ${body}`);
  return performance.now();
}

async function untilStatus(client, request, expected) {
  const end = performance.now() + GIVE_UP_MS;
  for (;;) {
    const { status } = await client.send(request);
    if (status === expected) return;
    if (performance.now() > end) throw new Error(`still ${status} after ${GIVE_UP_MS} ms`);
  }
}

function summary(latencies) {
  latencies.sort((left, right) => left - right);
  return [latencies.length, ...[0.5, 0.9, 0.99].map((part) => percentile(latencies, part)), latencies.at(-1)];
}

function formatted([database, refusals, ...milliseconds]) {
  return [database, refusals, ...milliseconds.map((value) => value.toFixed(1))];
}
