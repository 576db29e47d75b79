// What the guard costs: a constant route with and without it, 10,000 distinct tokens, interleaved rounds:
//   npm run build && node bench/guarded-route.mjs [rounds] [seconds] [connections] [guard,...]
import { setTimeout as sleep } from 'node:timers/promises';
import { get } from './support/http-connection.mjs';
import { run, runEach } from './support/load.mjs';
import { pinLoad, startServer } from './support/server.mjs';
import { median, ratioInterval } from './support/statistics.mjs';
import { table } from './support/tables.mjs';

const [rounds, seconds, connections] = [11, 3, 32].map((fallback, index) =>
  Number(process.argv[index + 2] ?? fallback),
);
const TOKENS = 10_000;
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
// "empty" and "least" are guards of the benchmark's own: what no guard can do without.
const OPTIONS = { none: undefined, empty: 'empty', least: 'least', cached, local, introspecting };
const wanted = process.argv[5]?.split(',') ?? Object.keys(OPTIONS);
const guards = Object.keys(OPTIONS).filter((guard) => guard === 'none' || wanted.includes(guard));
const results = new Map(guards.map((guard) => [guard, []]));
// A process of its own for each round: how well one is compiled differs more than the guards do.
for (let round = 1; round <= rounds; round++) {
  for (const guard of guards) {
    const options = OPTIONS[guard];
    const environment = options === undefined ? {} : { OPTIONS: JSON.stringify(options) };
    const application = await startServer('bench/support/guarded-application.mjs', environment, '/');
    if (options?.revocationFeed) await sleep(SETTLING_MS);
    const load = { server: application, connections, next: nextRequest(), check: expectAnswer };
    // Each token once, so that the rounds measure what is remembered.
    await runEach({ ...load, count: TOKENS });
    const result = await run({ ...load, seconds, warmUp: 2 });
    results.get(guard).push(result);
    await application.stop();
    console.error(`round ${round}/${rounds}  ${guard}: ${Math.round(result.perSecond)}/s`);
  }
}
await server.stop();

const bare = of('none');
console.log(
  `\n${connections} connections, ${TOKENS} tokens, server on one core${pinned ? '' : ' (not pinned)'}`,
);
const head = ['guard', 'median/s', 'min', 'max', 'of the route without', '95 %', 'CPU µs', 'added', 'p99 ms'];
console.log(table(head, guards.map(row)));

function row(guard) {
  const { perSecond, processor, p99 } = of(guard);
  const each = rates(guard);
  return [
    guard,
    ...[perSecond, Math.min(...each), Math.max(...each)].map(Math.round),
    (perSecond / bare.perSecond).toFixed(2),
    ratioInterval(each, rates('none'))
      .map((ratio) => ratio.toFixed(2))
      .join(' to '),
    processor?.toFixed(1) ?? '?',
    processor === null ? '?' : (processor - bare.processor).toFixed(1),
    p99.toFixed(2),
  ];
}

function rates(guard) {
  return results.get(guard).map((result) => result.perSecond);
}

function of(guard) {
  const all = results.get(guard);
  const figure = (name) => (all[0][name] === null ? null : median(all.map((result) => result[name])));
  return { perSecond: figure('perSecond'), processor: figure('processor'), p99: figure('p99') };
}

/** One token after the other, again and again. */
function nextRequest() {
  let turn = 0;
  return () => requests[turn++ % TOKENS];
}

function expectAnswer({ status, body }) {
  if (status !== 200) throw new Error(`${status} ${body}`);
}
