// How long do many users take to come in, from a configuration file and from a list of users?
//   npm run build:bundle && node bench/many-users.mjs [--users 25000] [--databases sqlite,postgres]
//
// Processor time is that of the command and of the server or of PostgreSQL together: on a busy machine it tells more
// than the clock does.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ADMINISTRATOR, environmentIn, startWith } from './support/authorization-server.mjs';
import { startPostgres } from './support/postgres.mjs';
import { saveResults } from './support/results.mjs';
import { root, temporaryFolder } from './support/server.mjs';
import { table } from './support/tables.mjs';

const { values: options } = parseArgs({
  options: {
    users: { type: 'string', default: '25000' },
    databases: { type: 'string', default: 'sqlite,postgres' },
  },
});
const count = Number(options.users);
const CLI = 'apps/authorization-server/dist/cli/main.js';
const folder = temporaryFolder();

const users = Array.from({ length: count }, (_, index) => ({
  username: `user-${index}@example.com`,
  password_hash: `$argon2id$v=19$m=19456,t=2,p=1$${base64(16)}$${base64(32)}`,
  groups: ['staff', `team-${index % 100}`],
}));
const file = join(folder, 'users.yaml');
const list = join(folder, 'users.ndjson');
writeFileSync(file, `users:\n${users.map(yaml).join('')}`);
writeFileSync(list, users.map((user) => `${JSON.stringify(user)}\n`).join(''));

/** What is run in this order, each way on a database of its own. */
const WAYS = {
  offline: [
    ['apply', '-f', file],
    ['apply', '-f', file, '--again'],
  ],
  online: [
    ['apply', '-f', file, '--online'],
    ['apply', '-f', file, '--online'],
  ],
  import: [
    ['users', 'import', list],
    ['users', 'import', list, '--skip-existing'],
  ],
};

const results = [];
for (const dialect of options.databases.split(',')) {
  for (const [way, commands] of Object.entries(WAYS))
    results.push(...(await measure(dialect, way, commands)));
}
const text = table(
  [
    'database',
    'command',
    'users',
    's',
    'processor s',
    'of it the command',
    'peak MiB, command',
    'peak MiB, server',
  ],
  results.map(({ dialect, command, seconds, processor, ofCommand, peak, serverPeak }) => [
    dialect,
    `\`latchkey ${command}\``,
    count.toLocaleString('en'),
    ...[seconds, processor, ofCommand].map((figure) => figure.toFixed(1)),
    ...[peak, serverPeak].map((figure) => (figure === null ? '' : figure.toFixed(0))),
  ]),
);
console.log(text);
saveResults('many-users', results, text);
process.exit(0);

async function measure(dialect, way, commands) {
  const postgres = dialect === 'postgres' ? await startPostgres() : null;
  await postgres?.createDatabase('users');
  const own = temporaryFolder();
  const environment = environmentIn(own, postgres === null ? {} : { DATABASE_URL: postgres.url('users') });
  // The first start makes the schema and the administrator.
  const server = await startWith(environment, { pinned: false });
  if (way === 'offline') await server.stop();
  const others = () =>
    (way === 'offline' ? 0 : server.processorTime()) + (postgres === null ? 0 : postgres.processorTime());
  const measured = [];
  for (const command of commands) {
    const before = others();
    const run = await latchkey(command, { ...environment, ...administrator(server.url) });
    measured.push({
      dialect,
      command: command.map((word) => word.replace(`${folder}/`, '')).join(' '),
      seconds: run.seconds,
      processor: run.processor + others() - before,
      ofCommand: run.processor,
      peak: run.peak,
      serverPeak: way === 'offline' ? null : server.peakMemory(),
    });
    console.error(JSON.stringify(measured.at(-1)));
  }
  if (way !== 'offline') await server.stop();
  await postgres?.stop();
  return measured;
}

function administrator(url) {
  return {
    LATCHKEY_URL: url,
    LATCHKEY_CLIENT_ID: ADMINISTRATOR.id,
    LATCHKEY_CLIENT_SECRET: ADMINISTRATOR.secret,
  };
}

/** Runs a command to its end. @returns seconds, processor seconds and peak MiB of it */
async function latchkey(parameters, environment) {
  const usage = 'data:text/javascript,process.on("exit",()=>process.send(process.resourceUsage()))';
  const began = performance.now();
  const profile =
    process.env.CPU_PROFILE === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${process.env.CPU_PROFILE}`];
  const child = spawn(process.execPath, ['--import', usage, ...profile, join(root, CLI), ...parameters], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { PATH: process.env.PATH, HOME: folder, ...environment },
  });
  let progress = '';
  child.stderr.on('data', (chunk) => (progress += chunk));
  const [message, [status]] = await Promise.all([once(child, 'message'), once(child, 'close')]);
  if (status !== 0) throw new Error(`latchkey ${parameters.join(' ')} ended with ${status}:\n${progress}`);
  const [{ userCPUTime, systemCPUTime, maxRSS }] = message;
  return {
    seconds: (performance.now() - began) / 1000,
    processor: (userCPUTime + systemCPUTime) / 1e6,
    peak: maxRSS / 1024,
  };
}

function base64(bytes) {
  return randomBytes(bytes).toString('base64').replace(/=+$/, '');
}

function yaml({ username, password_hash: hash, groups }) {
  return `  - username: ${username}\n    password_hash: ${hash}\n    groups: [${groups.join(', ')}]\n`;
}
