// Whether somebody who uses all of his own share makes others wait:
//   npm run build:bundle && node bench/fairness.mjs [--quick] [--only PATTERN] [--rounds N] [--seconds N]
//
// Each case of bench/fairness is measured in rounds on one server: the victims without the attacker, then beside him.
// The victims are the same in all cases: right logins of known devices, refreshes, introspections and the readiness probe.
// Fails unless every victim is served, always, and the 99th percentile of refreshes and introspections beside the attacker
// is at most twice the one without him.
//
// A case is a module that exports
//   database          'sqlite' or 'postgres'
//   overrides         of the server's environment; may be left out
//   configure(file)   changes the configuration file of support/authorization-server.mjs, given as an object; may be left out
//   fill(environment)  the database, while no server runs on it; may be left out
//   prepare({ server, environment })  before the first round; gives what the attack needs as data that can be cloned;
//                     may be left out
//   attack({ url, context, until })   called in a thread of its own; attacks until `until()` and tells what became of it
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { environmentIn, startWith } from './support/authorization-server.mjs';
import { startPostgres } from './support/postgres.mjs';
import { saveResults } from './support/results.mjs';
import { pinLoad, temporaryFolder } from './support/server.mjs';
import { median, percentile } from './support/statistics.mjs';
import { table } from './support/tables.mjs';
import { makeVictims, watch } from './support/victims.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
  },
});
const rounds = Number(options.rounds ?? (options.quick ? 1 : 5));
const seconds = Number(options.seconds ?? (options.quick ? 5 : 15));
const MAX_RATIO = 2;
/** The defaults, which other benchmarks raise. */
const USUAL_RATES = { CLIENT_TOKEN_RATE: '300', CLIENT_REVOCATION_RATE: '50', CLIENT_FEED_RATE: '20' };
/** Below this, in ms, a latency is the machine's own and twice as much of it nobody's wait. */
const FLOOR_MS = 5;
/** What an attacker has filled is full before the victims are watched. */
const HEAD_START_MS = 1000;

pinLoad();
const cases = readdirSync(new URL('fairness', import.meta.url))
  .filter((file) => file.endsWith('.mjs'))
  .map((file) => file.replace(/\.mjs$/, ''))
  .filter((name) => new RegExp(options.only).test(name));
const lines = [];
for (const name of cases) lines.push(...(await measureCase(name)));

const text = table(
  ['case', 'victim', 'requests', 'served', 'p99 alone, ms', 'p99 beside, ms', 'ratio', 'longest, ms', ''],
  lines.map(({ name, victim, sent, served, alone, beside, ratio, longest, ok }) => [
    name,
    victim,
    sent,
    `${((100 * served) / sent).toFixed(1)} %`,
    alone.toFixed(2),
    beside.toFixed(2),
    ratio.toFixed(2),
    longest.toFixed(1),
    ok ? 'PASS' : 'FAIL',
  ]),
);
console.log(`\n${rounds} rounds of ${seconds} s alone and ${seconds} s beside the attacker\n\n${text}`);
saveResults('fairness', { rounds, seconds, lines }, text);
process.exit(lines.length > 0 && lines.every(({ ok }) => ok) ? 0 : 1);

async function measureCase(name) {
  const test = await import(`./fairness/${name}.mjs`);
  const postgres = test.database === 'postgres' ? await startPostgres() : null;
  const environment = environmentIn(temporaryFolder(), { ...USUAL_RATES, ...test.overrides });
  if (postgres !== null) {
    await postgres.createDatabase('fairness');
    environment.DATABASE_URL = postgres.url('fairness');
  }
  if (test.configure !== undefined) configureWith(test.configure, environment.LATCHKEY_CONFIG);
  await test.fill?.(environment);
  const server = await startWith(environment);
  try {
    const context = (await test.prepare?.({ server, environment })) ?? null;
    const victims = await makeVictims(server);
    const observed = [];
    for (let round = 0; round < rounds; round++) {
      const alone = await watch(server, victims, seconds);
      const attack = new Worker(new URL('./support/fairness-attack.mjs', import.meta.url), {
        workerData: { name, url: server.url, context, milliseconds: seconds * 1000 + HEAD_START_MS },
      });
      // How long a thread takes to start is not part of the head start.
      await once(attack, 'message');
      const told = once(attack, 'message');
      await new Promise((resolve) => setTimeout(resolve, HEAD_START_MS));
      observed.push({ alone, beside: await watch(server, victims, seconds) });
      console.log(`${name}, round ${round + 1}: the attacker got ${JSON.stringify((await told)[0])}`);
    }
    return victims.map(({ name: victim, timed }) => judge({ name, victim, timed }, observed));
  } finally {
    await server.stop();
    await postgres?.stop();
  }
}

function configureWith(configure, path) {
  const file = JSON.parse(readFileSync(path, 'utf8'));
  configure(file);
  writeFileSync(path, JSON.stringify(file));
}

/** Medians over the rounds, so that one disturbed round decides nothing. */
function judge({ name, victim, timed }, observed) {
  const p99 = (side) =>
    median(
      observed.map((round) =>
        percentile(
          round[side].get(victim).latencies.sort((left, right) => left - right),
          0.99,
        ),
      ),
    );
  const total = (figure) => observed.reduce((sum, { beside }) => sum + figure(beside.get(victim)), 0);
  const [alone, beside] = [p99('alone'), p99('beside')];
  const sent = total(({ latencies }) => latencies.length);
  const refused = total(({ refusals }) => refusals.length);
  for (const refusal of new Set(observed.flatMap((round) => round.beside.get(victim).refusals)))
    console.log(`${name}: ${victim} got ${refusal}`);
  const longest = Math.max(...observed.flatMap((round) => round.beside.get(victim).latencies));
  const ratio = beside / alone;
  const inTime = !timed || ratio <= MAX_RATIO || beside <= FLOOR_MS;
  return {
    name,
    victim,
    sent,
    served: sent - refused,
    alone,
    beside,
    ratio,
    longest,
    ok: refused === 0 && inTime,
  };
}
