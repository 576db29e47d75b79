// Whether somebody who floods the server with logins of his own hears from the times of other answers which users and which
// clients exist: 400 connections that guess at names without end, on PostgreSQL, and samples beside them:
//   npm run build:bundle && node bench/timing-flood.mjs [--quick] [--samples N] [--connections N]
// Two classes that are alike show what the measurement itself makes of noise. An area must not exceed 0.55.
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { readFileSync, writeFileSync } from 'node:fs';
import { hashSync as argon2 } from '@node-rs/argon2';
import { AUDIENCE, environmentIn, startWith } from './support/authorization-server.mjs';
import { basic, formPost } from './support/http-connection.mjs';
import { startPostgres } from './support/postgres.mjs';
import { pinLoad, temporaryFolder } from './support/server.mjs';
import { limitFor, measure, report } from './support/timing.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    samples: { type: 'string' },
    connections: { type: 'string', default: '400' },
  },
});
const samples = Number(options.samples ?? (options.quick ? 100 : 2000));
/** Samples a second, of all classes together. */
const RATE = 12;
const SAMPLING = { id: 'sampling-client', secret: 'sampling-client-secret-0123456789abc' };
const FLOODING = { id: 'flooding-client', secret: 'flooding-client-secret-0123456789abc' };
const ACCOUNTS = Math.ceil(samples / 50);
/** Wrong secrets are answered late after a few, so each client is asked for once or twice. */
const CLIENTS = Math.ceil(samples / 2);

function configure(path) {
  const file = JSON.parse(readFileSync(path, 'utf8'));
  const client = ({ id, secret }) => ({
    client_id: id,
    client_secret: secret,
    audience: [AUDIENCE],
    grant_types: ['password'],
    scope: 'read',
    default_scope: 'read',
    forwards_end_user_address: true,
  });
  file.clients.push(client(SAMPLING), client(FLOODING));
  for (let index = 0; index < CLIENTS; index++)
    file.clients.push(client({ id: `client-${index}`, secret: `secret-${index}-`.padEnd(40, 'x') }));
  const hash = argon2('a password of the benchmark', { memoryCost: 19_456, timeCost: 2, parallelism: 1 });
  for (let index = 0; index < ACCOUNTS; index++)
    file.users.push({ username: `user-${index}`, password_hash: hash });
  writeFileSync(path, JSON.stringify(file));
}

let turn = 0;
/** Each attempt comes from an address of its own, so that the sampler's share is never used up. */
function login(username) {
  const headers = {
    authorization: basic(SAMPLING),
    'latchkey-forwarded-for': `198.18.${(turn >> 8) & 255}.${turn++ & 255}`,
  };
  return formPost('/oauth/token', headers, `grant_type=password&username=${username}&password=guess`);
}

const asClient = (id) =>
  formPost('/oauth/introspect', { authorization: basic({ id, secret: 'guess' }) }, 'token=none');
const classes = {
  'wrong password': { status: 400, next: () => login(`user-${turn % ACCOUNTS}`) },
  'unknown user': { status: 400, next: () => login(`nobody-${turn}`) },
  'another unknown user': { status: 400, next: () => login(`no-one-${turn}`) },
  'wrong secret': { status: 401, next: () => asClient(`client-${turn++ % CLIENTS}`) },
  'unknown client': { status: 401, next: () => asClient(`no-client-${turn++ % CLIENTS}`) },
  'another unknown client': { status: 401, next: () => asClient(`none-${turn++ % CLIENTS}`) },
};
const controls = [
  ['unknown user', 'another unknown user'],
  ['unknown client', 'another unknown client'],
];
const pairs = [
  ['wrong password', 'unknown user'],
  ['wrong password', 'another unknown user'],
  ['wrong secret', 'unknown client'],
  ['wrong secret', 'another unknown client'],
];

pinLoad();
const postgres = await startPostgres();
await postgres.createDatabase('timing');
const environment = environmentIn(temporaryFolder(), {
  DATABASE_URL: postgres.url('timing'),
  LOG_LEVEL: 'warn',
  // As many wrong secrets from the one address of the sampler would be answered late.
  THROTTLE_FREE_ATTEMPTS: '100',
});
configure(environment.LATCHKEY_CONFIG);
const server = await startWith(environment);
const flood = new Worker(new URL('./support/login-flood.mjs', import.meta.url), {
  workerData: { url: server.url, client: FLOODING, connections: Number(options.connections) },
});
await once(flood, 'message');
const times = await measure({ server, classes, samples, rate: RATE });
flood.postMessage('stop');
const [statuses] = await once(flood, 'message');
console.log(`the flood got ${JSON.stringify(statuses)}`);
report('controls', times, controls);
const area = report('what exists and what does not', times, pairs);
await server.stop();
await postgres.stop();
const limit = limitFor(samples);
console.log(
  `\nlargest area ${area.toFixed(3)}, the limit is ${limit.toFixed(3)}: ${area <= limit ? 'passed' : 'FAILED'}`,
);
process.exit(area <= limit ? 0 : 1);
