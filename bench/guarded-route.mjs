// What the guard costs: a constant route with and without it, 10,000 distinct tokens. Each round has new processes, whose code
// is compiled a little differently each time; within a round they take turns, because the machine is not as fast all the time:
//   npm run build && node bench/guarded-route.mjs [rounds] [seconds] [connections] [guard,...]
//
// The difference of two processor times ("added") is more than what the guard takes: the load waits more for a slower
// server, and the server then wakes it with each answer. So guards that compute for a known time are measured beside it,
// and "as computing" says for how long a guard computes that adds as much.
import { setTimeout as sleep } from 'node:timers/promises';
import { get } from './support/http-connection.mjs';
import { run, runEach } from './support/load.mjs';
import { pinLoad, startServer } from './support/server.mjs';
import { median, medianInterval } from './support/statistics.mjs';
import { summarise } from './support/summary.mjs';
import { table } from './support/tables.mjs';

const [roundCount, seconds, connections] = [11, 3, 32].map((fallback, index) =>
  Number(process.argv[index + 2] ?? fallback),
);
const TOKENS = 10_000;
const TURN_SECONDS = 0.5;
/** What is learned within three seconds after the feed began is asked about once more; it begins when it can. */
const SETTLING_MS = 8000;

const pinned = pinLoad();
const server = await startServer('bench/support/token-server.mjs', {}, '/');
const tokens = await (await fetch(`${server.url}/tokens?count=${TOKENS}`)).json();
const requests = tokens.map((token) => get('/', { authorization: `Bearer ${token}` }));

const introspecting = {
  introspectionEndpoint: `${server.url}/introspect`,
  clientId: 'bench',
  clientSecret: 'bench-secret',
  issuer: 'https://as.example',
  audience: 'https://api.example',
};
const cached = { ...introspecting, revocationFeed: { endpoint: `${server.url}/revocations` } };
const local = { ...cached, validation: 'local', jwks: { uri: `${server.url}/jwks` } };
/** The benchmark's own guards, and for how many microseconds they compute. */
const COMPUTING = { empty: 0, 'computes 4 µs': 4, 'computes 8 µs': 8, 'computes 12 µs': 12 };
const OPTIONS = { none: undefined, ...COMPUTING, cached, local, introspecting };
const wanted = process.argv[5]?.split(',') ?? Object.keys(OPTIONS);
const guards = Object.keys(OPTIONS).filter(
  (guard) => guard === 'none' || guard in COMPUTING || wanted.includes(guard),
);
const rounds = new Map(guards.map((guard) => [guard, []]));
for (let round = 1; round <= roundCount; round++) {
  const applications = new Map();
  for (const guard of guards) applications.set(guard, await startApplication(OPTIONS[guard]));
  await sleep(SETTLING_MS);
  const loads = new Map();
  for (const [guard, application] of applications) loads.set(guard, await warmLoad(application));
  const turns = new Map(guards.map((guard) => [guard, []]));
  for (let turn = 0; turn < seconds / TURN_SECONDS; turn++) {
    for (const [guard, load] of loads) {
      turns.get(guard).push(await run({ ...load, seconds: TURN_SECONDS, warmUp: 0.1 }));
    }
  }
  for (const application of applications.values()) await application.stop();
  for (const [guard, figures] of summaryOf(turns)) {
    const ratio = median(ratiosOf(turns.get(guard), turns.get('none')));
    rounds.get(guard).push({ ...figures, ratio });
  }
  const times = guards.map((guard) => `${guard} ${rounds.get(guard).at(-1).processor?.toFixed(1) ?? '?'}`);
  console.error(`round ${round}/${roundCount}, CPU µs: ${times.join(', ')}`);
}
await server.stop();

const summary = summaryOf(rounds);
console.log(
  `\n${connections} connections, ${TOKENS} tokens, ${roundCount} rounds, server on one core${pinned ? '' : ' (not pinned)'}`,
);
const head = [
  'guard',
  'requests/s',
  'of the route without',
  '95 %',
  'least',
  'CPU µs',
  'added',
  'as computing',
  'p99 ms',
];
console.log(table(head, guards.map(row)));

function startApplication(options) {
  const environment = options === undefined ? {} : { OPTIONS: JSON.stringify(options) };
  return startServer('bench/support/guarded-application.mjs', environment, '/');
}

/** Each token once, so that what is measured is remembered, and then until the code is compiled. */
async function warmLoad(application) {
  const load = { server: application, connections, next: nextRequest(), check: expectAnswer };
  await runEach({ ...load, count: TOKENS });
  await run({ ...load, seconds: 2 });
  return load;
}

function summaryOf(results) {
  return summarise([...results].map(([name, all]) => ({ name, rounds: all })));
}

/** @param bare of the same turns */
function ratiosOf(turns, bare) {
  return turns.map(({ perSecond }, turn) => perSecond / bare[turn].perSecond);
}

function row(guard) {
  const { perSecond, processor, p99 } = summary.get(guard);
  const ratios = rounds.get(guard).map(({ ratio }) => ratio);
  return [
    guard,
    Math.round(perSecond),
    median(ratios).toFixed(2),
    medianInterval(ratios)
      .map((ratio) => ratio.toFixed(2))
      .join(' to '),
    Math.min(...ratios).toFixed(2),
    processor?.toFixed(1) ?? '?',
    processor === null ? '?' : (processor - summary.get('none').processor).toFixed(1),
    processor === null ? '?' : asComputing(processor),
    p99.toFixed(2),
  ];
}

/** For how long a guard computes that takes as much processor time, with the time that Nest takes for any guard. */
function asComputing(processor) {
  const ofNest = summary.get('empty').processor - summary.get('none').processor;
  const known = [['none', -ofNest], ...Object.entries(COMPUTING)].map(([guard, time]) => ({
    processor: summary.get(guard).processor,
    time: time + ofNest,
  }));
  const above = known.findIndex((point) => point.processor >= processor);
  if (above === -1) return `over ${known.at(-1).time.toFixed(1)}`;
  const [low, high] = [known[Math.max(0, above - 1)], known[above]];
  const share = low === high ? 1 : (processor - low.processor) / (high.processor - low.processor);
  return (low.time + share * (high.time - low.time)).toFixed(1);
}

/** One token after the other, again and again. */
function nextRequest() {
  let turn = 0;
  return () => requests[turn++ % TOKENS];
}

function expectAnswer({ status, body }) {
  if (status !== 200) throw new Error(`${status} ${body}`);
}
