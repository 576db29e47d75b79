// What a change costs, on a machine that others use too: two checkouts take turns, and the processor time of a request is
// compared and not the time by the clock. Both have to be built with "npm run build:bundle".
//   node bench/paired.mjs ONE_CHECKOUT OTHER_CHECKOUT OPERATION [rounds] [seconds]
// OPERATION: introspection-jwt, introspection-opaque, refresh or password.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { median } from './support/statistics.mjs';
import { table } from './support/tables.mjs';

const CONNECTIONS = 32;
const SESSIONS = 2000;
/** In which /proc counts: USER_HZ is 100 on every Linux that Node.js has binaries for. */
const TICK_US = 10_000;

const [one, other, operation = 'introspection-jwt', rounds = '5', seconds = '4'] = process.argv.slice(2);
const sides = [];
for (const directory of [one, other]) sides.push(await openSide(resolve(directory)));
for (let round = 0; round < Number(rounds); round++) {
  // Who begins takes turns too.
  for (const side of round % 2 === 0 ? sides : [...sides].reverse()) await measure(side);
}

const rows = ['main', 'all', 'memory'].map((figure) => {
  const [before, after] = sides.map(({ results }) => results.map((result) => result[figure]));
  const ratios = before.map((value, round) => after[round] / value);
  return [
    { main: 'main thread, µs a request', all: 'all threads, µs a request', memory: 'resident, MiB' }[figure],
    spread(before),
    spread(after),
    spread(ratios, 2),
  ];
});
console.log(`${operation}, ${rounds} rounds of ${seconds} s\n`);
console.log(table(['', one, other, 'other to one, round by round'], rows));
process.exit(0);

async function openSide(directory) {
  const load = (path) => import(pathToFileURL(join(directory, 'bench/support', path)).href);
  const [server, parts, operations, { run }] = await Promise.all(
    ['server.mjs', 'authorization-server.mjs', 'operations.mjs', 'load.mjs'].map(load),
  );
  server.pinLoad();
  const environment = parts.environmentIn(server.temporaryFolder());
  const client = operation === 'introspection-opaque' ? parts.OPAQUE_CLIENT : parts.CLIENT;
  const sessions = await parts.makeSessions(environment, client, SESSIONS);
  return { environment, parts, operations, sessions, run, results: [] };
}

async function measure({ environment, parts, operations, sessions, run, results }) {
  const server = await parts.startWith(environment);
  const before = () => mainThread(server.pid);
  const { next, check } = requests(operations, parts, sessions);
  const refreshed = [];
  const started = { main: 0 };
  const warmUp = 2;
  setTimeout(() => (started.main = before()), warmUp * 1000);
  const result = await run({
    server,
    connections: CONNECTIONS,
    seconds: Number(seconds),
    warmUp,
    next,
    check: (answer, connection) => {
      check(answer, connection);
      if (operation === 'refresh') refreshed.push(answer.body);
    },
  });
  const count = result.perSecond * Number(seconds);
  results.push({
    main: ((before() - started.main) * TICK_US) / count,
    all: result.processor,
    memory: server.memory(),
  });
  if (operation === 'refresh') keepNewest(sessions, refreshed);
  await server.stop();
}

function requests(operations, parts, { accessTokens, refreshTokens }) {
  if (operation === 'refresh') return operations.refresh('/oauth/token', refreshTokens, CONNECTIONS);
  if (operation === 'password') return operations.password('/oauth/token');
  return operations.introspection('/oauth/introspect', parts.RESOURCE_SERVER, accessTokens);
}

/** The next round goes on with the tokens that this one was given. */
function keepNewest(sessions, bodies) {
  const newest = new Map();
  for (const body of bodies) {
    const { access_token: accessToken, refresh_token: refreshToken } = JSON.parse(body);
    newest.set(JSON.parse(Buffer.from(accessToken.split('.')[1], 'base64url')).sid, refreshToken);
  }
  sessions.refreshTokens = [...newest.values()];
}

/** Ticks of processor time. */
function mainThread(pid) {
  const stat = readFileSync(`/proc/${pid}/task/${pid}/stat`, 'utf8');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return Number(user) + Number(system);
}

function spread(values, digits = 0) {
  const [middle, least, most] = [median(values), Math.min(...values), Math.max(...values)];
  return `${middle.toFixed(digits)} (${least.toFixed(digits)} to ${most.toFixed(digits)})`;
}
