// Where the processor time of one operation goes, by function and by package:
//   npm run build:bundle && node bench/profile.mjs introspection-jwt|introspection-opaque|refresh|password [seconds]
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CLIENT,
  environmentIn,
  makeSessions,
  OPAQUE_CLIENT,
  RESOURCE_SERVER,
  startWith,
} from './support/authorization-server.mjs';
import { run } from './support/load.mjs';
import { introspection, password, refresh } from './support/operations.mjs';
import { pinLoad, temporaryFolder } from './support/server.mjs';

const CONNECTIONS = 32;
const SESSIONS = 2000;
const LINES = 45;

const [operation = 'introspection-jwt', seconds = '5'] = process.argv.slice(2);
pinLoad();
const folder = temporaryFolder();
const environment = environmentIn(folder);
const client = operation === 'introspection-opaque' ? OPAQUE_CLIENT : CLIENT;
const sessions = await makeSessions(environment, client, SESSIONS);
const server = await startWith(environment, {
  nodeOptions: ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval=200'],
});
const operations = {
  'introspection-jwt': () => introspection('/oauth/introspect', RESOURCE_SERVER, sessions.accessTokens),
  'introspection-opaque': () => introspection('/oauth/introspect', RESOURCE_SERVER, sessions.accessTokens),
  refresh: () => refresh('/oauth/token', sessions.refreshTokens, CONNECTIONS),
  password: () => password('/oauth/token'),
};
const from = monotonic();
const result = await run({
  server,
  connections: CONNECTIONS,
  seconds: Number(seconds),
  warmUp: 3,
  ...operations[operation](),
});
const to = monotonic();
await server.stop();

// The main thread's profile is the largest; worker threads write their own.
const profiles = readdirSync(folder)
  .filter((name) => name.endsWith('.cpuprofile'))
  .map((name) => readFileSync(join(folder, name), 'utf8'))
  .sort((one, other) => other.length - one.length);
const { nodes, samples, timeDeltas, startTime } = JSON.parse(profiles[0]);
const self = new Map(nodes.map(({ id }) => [id, 0]));
let now = startTime;
samples.forEach((id, index) => {
  now += timeDeltas[index];
  // What it did to start is another matter.
  if (now > from && now < to) self.set(id, self.get(id) + timeDeltas[index]);
});

const idle = (name) => (name === '(idle)' || name === '(program)' ? name : null);
const functions = new Map();
const packages = new Map();
let total = 0;
for (const { id, callFrame } of nodes) {
  const time = self.get(id);
  const { functionName, url, lineNumber } = callFrame;
  if (functionName === '(idle)') continue;
  total += time;
  const file = url.replace(/^.*?(node_modules|apps|libs|node:)/, '$1');
  add(functions, `${functionName || '(anonymous)'} ${file}:${lineNumber + 1}`, time);
  const [, name] = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file) ?? [];
  add(
    packages,
    idle(functionName) ?? name ?? (file.startsWith('node:') ? 'node' : file === '' ? functionName : 'ours'),
    time,
  );
}
console.log(
  `${operation}: ${Math.round(result.perSecond)}/s, ${result.processor?.toFixed(0)} µs of processor time a request`,
);
print(packages, 20);
print(functions, LINES);

/** Microseconds, by the clock of profiles. */
function monotonic() {
  return Number(process.hrtime.bigint() / 1000n);
}

function add(map, key, time) {
  map.set(key, (map.get(key) ?? 0) + time);
}

function print(map, lines) {
  console.log('');
  for (const [name, time] of [...map].sort(([, one], [, other]) => other - one).slice(0, lines)) {
    console.log(`${((time / total) * 100).toFixed(1).padStart(5)} %  ${name}`);
  }
}
