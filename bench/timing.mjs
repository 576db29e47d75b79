// Whether the time of a refused login tells why it was refused: unknown user, wrong password, disabled user, too many
// attempts, too many accounts from one address, a hash of another system, or a wrong password of a user who needs a
// second factor. Interleaved samples, idle and with
// background logins at half of the hash capacity; for each pair of classes the area under the ROC curve, which must not
// exceed 0.55 (bench/timing-flood.mjs: the same during a flood). A right password of a user who needs a second factor is
// measured beside them, and held to no limit: its answer says so.
//   npm run build:bundle && node bench/timing.mjs [--quick] [--without-grid] [--samples N]
// With --without-grid the grid is taken out of a copy of the server, and the same measurement must find it out.
import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { hashSync as argon2 } from '@node-rs/argon2';
import { hashSync as bcrypt } from 'bcryptjs';
import { basic, formPost, HttpConnection } from './support/http-connection.mjs';
import { pinLoad, root, startServer, temporaryFolder } from './support/server.mjs';
import { limitFor, measure, report, timed } from './support/timing.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    'without-grid': { type: 'boolean', default: false },
    samples: { type: 'string' },
  },
});
const samples = Number(options.samples ?? (options.quick ? 100 : 2000));
const limit = limitFor(samples);
const CLIENT = { id: 'bench-client', secret: 'bench-client-secret-0123456789abcdef' };
/** Of the hash capacity; more would be a load of its own beside the one that is meant. */
const SAMPLING_SHARE = 0.15;
/** An address that fails at more accounts than it may. */
const SPRAYING = '203.0.113.1';
/** The known address of the logins in the background. */
const HOME = '203.0.113.2';
const ACCOUNTS = Math.ceil(samples / 50);
const DIST = join(root, 'apps/authorization-server/dist');

const names = (kind) => Array.from({ length: ACCOUNTS }, (_, index) => `${kind}-${index}`);
const users = {
  wrong: names('wrong'),
  disabled: names('disabled'),
  legacy: names('legacy'),
  factor: names('factor'),
  load: names('load'),
  throttled: ['throttled'],
};

function configuration() {
  const ours = argon2('a password of the benchmark', { memoryCost: 19_456, timeCost: 2, parallelism: 1 });
  const theirs = bcrypt('a password of the old system', 10);
  const all = (kind, settings) => users[kind].map((username) => ({ username, ...settings }));
  return {
    scopes: [{ name: 'read' }],
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        grant_types: ['password'],
        scope: 'read',
        default_scope: 'read',
        audience: ['https://api.example.com/'],
        forwards_end_user_address: true,
      },
    ],
    users: [
      ...all('wrong', { password_hash: ours }),
      ...all('disabled', { password_hash: ours, enabled: false }),
      ...all('legacy', { password_hash: theirs }),
      ...all('factor', { password_hash: ours, second_factor: 'required' }),
      ...all('load', { password_hash: ours }),
      ...all('throttled', { password_hash: ours }),
    ],
  };
}

let address = 0;
/** Each attempt comes from an address of its own, which is an unknown source and has failed at nothing yet. */
function login(username, password, from = `198.18.${(address >> 8) & 255}.${address++ & 255}`) {
  const body = new URLSearchParams({ grant_type: 'password', username, password }).toString();
  const headers = { authorization: basic(CLIENT), 'latchkey-forwarded-for': from };
  return formPost('/oauth/token', headers, body);
}

let turn = 0;
const account = (kind) => users[kind][turn++ % ACCOUNTS];
const refused = (next) => ({ status: 400, next });
const classes = {
  unknown: refused(() => login(`nobody-${turn++}`, 'guess')),
  wrong: refused(() => login(account('wrong'), 'guess')),
  disabled: refused(() => login(account('disabled'), 'a password of the benchmark')),
  throttled: refused(() => login('throttled', 'guess')),
  sprayed: refused(() => login(account('wrong'), 'guess', SPRAYING)),
  legacy: refused(() => login(account('legacy'), 'guess')),
  guarded: refused(() => login(account('factor'), 'guess')),
  factor: { status: 403, next: () => login(account('factor'), 'a password of the benchmark') },
};
/** The answer to a right password may be told from the others. */
const alike = Object.keys(classes).filter((name) => name !== 'factor');
const pairs = alike.flatMap((name, index) => alike.slice(index + 1).map((other) => [name, other]));

/** Right logins at a rate, each from a known address; returns how to stop. */
function background(server, rate) {
  let stopped = false;
  const begun = [];
  const clock = (async () => {
    for (let due = performance.now(); !stopped; due += 1000 / rate) {
      await sleep(Math.max(0, due - performance.now()));
      const http = new HttpConnection(server.url);
      begun.push(
        http
          .send(login(account('load'), 'a password of the benchmark', HOME))
          .catch(() => undefined)
          .finally(() => http.close()),
      );
    }
  })();
  return async () => {
    stopped = true;
    await clock;
    await Promise.all(begun);
  };
}

/** Logins a second that one hash worker can do. */
async function capacity(server) {
  const http = new HttpConnection(server.url);
  const start = performance.now();
  const count = 40;
  for (let index = 0; index < count; index++) {
    await timed(http, login(account('load'), 'a password of the benchmark', HOME), 200);
  }
  http.close();
  return count / ((performance.now() - start) / 1000);
}

/** A copy of the built server whose refusals leave at once. @returns its main script */
async function withoutGrid(folder) {
  await cp(DIST, join(folder, 'dist'), { recursive: true });
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  const file = join(folder, 'dist/throttling/refusal-delay.js');
  const built = await readFile(file, 'utf8');
  const broken = built.replace(/async wait\(arrivedAt\) \{/, '$& return;');
  if (broken === built) throw new Error('the built grid is not what this expects');
  await writeFile(file, broken);
  return join(folder, 'dist/main.js');
}

async function start(folder) {
  const file = join(folder, 'configuration.json');
  await writeFile(file, JSON.stringify(configuration()));
  const script = options['without-grid'] ? await withoutGrid(temporaryFolder()) : join(DIST, 'main.js');
  return startServer(
    script,
    {
      LATCHKEY_DATA_DIR: folder,
      DATABASE_URL: `sqlite:${join(folder, 'latchkey.sqlite')}`,
      LATCHKEY_CONFIG: file,
      LOG_LEVEL: 'warn',
      HASH_WORKERS: '1',
      HASH_QUEUE_DEADLINE_MS: '30000',
      THROTTLE_FREE_ATTEMPTS: '100',
      THROTTLE_BASE_DELAY: '60',
      THROTTLE_MAX_DELAY: '86400',
    },
    '/health/ready',
  );
}

/** Uses up what the account and the address have, so that all further attempts are not admitted. */
async function exhaust(server) {
  const http = Array.from({ length: 20 }, () => new HttpConnection(server.url));
  for (let round = 0; round < 6; round++) {
    await Promise.all(http.map((connection) => timed(connection, login('throttled', 'guess'), 400)));
  }
  for (let round = 0; round < 3; round++) {
    const spray = (connection) => timed(connection, login(`sprayed-${turn++}`, 'guess', SPRAYING), 400);
    await Promise.all(http.map(spray));
  }
  for (const connection of http) connection.close();
}

pinLoad();
const server = await start(temporaryFolder());
await exhaust(server);
const perSecond = await capacity(server);
console.log(`one hash worker does ${perSecond.toFixed(0)} logins a second; the limit is ${limit.toFixed(3)}`);
const sampling = { server, classes, samples, rate: perSecond * SAMPLING_SHARE };
const worst = [report('idle', await measure(sampling), pairs)];
const stop = background(server, perSecond / 2);
worst.push(report('at half of the hash capacity', await measure(sampling), pairs));
await stop();
await server.stop();
const area = Math.max(...worst);
console.log(`\nlargest area ${area.toFixed(3)}: ${area <= limit ? 'passed' : 'FAILED'}`);
process.exit(area <= limit ? 0 : 1);
