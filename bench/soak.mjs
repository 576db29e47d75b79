// Memory and latency of a server that has been at 70 % of its load for a while, with 100,000 live sessions:
//   npm run build:bundle && node bench/soak.mjs [--minutes 10] [--sessions 100000] [--load 0.7] [--database sqlite|postgres]
//
// The mix is that of APIs behind it: mostly introspection, then refreshes, and a few logins.
import { parseArgs } from 'node:util';
import {
  CLIENT,
  environmentIn,
  makeSessions,
  RESOURCE_SERVER,
  startWith,
} from './support/authorization-server.mjs';
import { run } from './support/load.mjs';
import { introspection, password, refresh } from './support/operations.mjs';
import { startPostgres } from './support/postgres.mjs';
import { saveResults } from './support/results.mjs';
import { pinLoad, temporaryFolder } from './support/server.mjs';
import { percentile } from './support/statistics.mjs';
import { linePlot } from './support/svg.mjs';
import { table } from './support/tables.mjs';

const CONNECTIONS = 32;
const SAMPLE_MS = 2000;
const CALIBRATION_S = 5;
/** Of a hundred requests. */
const REFRESHES = 20;

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    sessions: { type: 'string', default: '100000' },
    load: { type: 'string', default: '0.7' },
    database: { type: 'string', default: 'sqlite' },
  },
});
const seconds = Number(options.minutes) * 60;
pinLoad();

const postgres = options.database === 'postgres' ? await startPostgres() : null;
await postgres?.createDatabase('soak');
const environment = environmentIn(
  temporaryFolder(),
  postgres === null ? {} : { DATABASE_URL: postgres.url('soak') },
);
const sessions = await makeSessions(environment, CLIENT, Number(options.sessions), { report: console.error });
const server = await startWith(environment);
const mix = mixOf(sessions);

const { perSecond: most } = await run({ server, connections: CONNECTIONS, seconds: CALIBRATION_S, ...mix });
const rate = most * Number(options.load);
console.error(`${Math.round(most)}/s at most; ${Math.round(rate)}/s for ${options.minutes} minutes`);

let latencies = [];
const samples = [];
const began = performance.now();
const sampler = setInterval(takeSample, SAMPLE_MS);
// Logins wait for one worker, whatever the rest does: they come beside the mix, at a steady pace.
const logins = run({
  server,
  connections: 4,
  seconds,
  rate: 4,
  warmUp: 0,
  ...password('/oauth/token'),
});
const result = await run({
  server,
  connections: CONNECTIONS,
  seconds,
  rate,
  warmUp: 0,
  ...mix,
  onAnswer: (latency) => latencies.push(latency),
});
const login = await logins;
clearInterval(sampler);
const peak = server.peakMemory();
await server.stop();
await postgres?.stop();

const settled = samples.filter(({ minutes }) => minutes > Number(options.minutes) / 2);
const growth = slope(settled.map(({ minutes, memory }) => [minutes, memory]));
const text = table(
  ['what', 'value'],
  [
    ['requests/s asked for', Math.round(rate)],
    ['requests/s answered', Math.round(result.perSecond)],
    ['p50 ms', result.p50.toFixed(2)],
    ['p99 ms', result.p99.toFixed(2)],
    ['p99 of logins, ms', login.p99.toFixed(0)],
    ['resident at the end, MiB', samples.at(-1)?.memory.toFixed(0) ?? '?'],
    ['peak resident, MiB', peak?.toFixed(0) ?? '?'],
    ['growth in the second half, MiB a minute', growth.toFixed(2)],
  ],
);
console.log(`\n${options.sessions} sessions on ${options.database}, ${options.minutes} minutes\n\n${text}`);
saveResults('soak', { options, result, login, samples }, text, {
  'soak.svg': linePlot(`${options.minutes} minutes at ${Number(options.load) * 100} % load`, 'minutes', [
    {
      label: 'resident memory',
      unit: 'MiB',
      points: samples.map(({ minutes, memory }) => [minutes, memory]),
    },
    { label: 'p50', unit: 'ms', points: samples.map(({ minutes, p50 }) => [minutes, p50]) },
    { label: 'p99', unit: 'ms', points: samples.map(({ minutes, p99 }) => [minutes, p99]) },
  ]),
});

function mixOf({ accessTokens, refreshTokens }) {
  const asks = introspection('/oauth/introspect', RESOURCE_SERVER, accessTokens);
  const refreshes = refresh('/oauth/token', refreshTokens, CONNECTIONS);
  const current = [];
  let turn = 0;
  return {
    next: (connection) => {
      current[connection] = turn++ % 100 < REFRESHES ? refreshes : asks;
      return current[connection].next(connection);
    },
    check: (answer, connection) => current[connection].check(answer, connection),
  };
}

function takeSample() {
  const sorted = latencies.sort((one, other) => one - other);
  latencies = [];
  if (sorted.length === 0) return;
  samples.push({
    minutes: (performance.now() - began) / 60_000,
    memory: server.memory() ?? 0,
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
  });
}

/** Least squares. */
function slope(points) {
  if (points.length < 2) return 0;
  const mean = (place) => points.reduce((sum, point) => sum + point[place], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const above = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  return above / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}
