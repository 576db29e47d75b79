// Does any answer leave before its commit is on disk? strace sees every system call of the server: for each write to a
// client's socket that carries a new refresh token, a sync of the write-ahead log must have ended after the request
// was read and after everything that had been written to the log by then.
//   npm run build:bundle && node bench/durability.mjs     (Linux with strace; otherwise it says so and does nothing)
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLIENT, environmentIn, makeSessions, startWith } from './support/authorization-server.mjs';
import { run } from './support/load.mjs';
import { refresh } from './support/operations.mjs';
import { judge } from './support/system-calls.mjs';
import { temporaryFolder } from './support/server.mjs';

const CONNECTIONS = 8;
const SESSIONS = 512;
const SECONDS = 3;

if (spawnSync('strace', ['-V']).status !== 0) {
  console.log('strace is not installed (apt-get install strace); nothing was checked');
  process.exit(0);
}
const folder = temporaryFolder();
const environment = environmentIn(folder);
const sessions = await makeSessions(environment, CLIENT, SESSIONS);
const server = await startWith(environment);
const trace = join(folder, 'trace');
const calls = 'read,write,writev,sendto,pwrite64,fsync,fdatasync';
const strace = spawn(
  'strace',
  ['-f', '-y', '-ttt', '-s', '2000', '-e', `trace=${calls}`, '-o', trace, '-p', String(server.pid)],
  { stdio: ['ignore', 'ignore', 'pipe'] },
);
// It says so when it is attached.
await Promise.race([once(strace.stderr, 'data'), sleep(5000)]);
strace.stderr.resume();
const { perSecond } = await run({
  server,
  connections: CONNECTIONS,
  seconds: SECONDS,
  warmUp: 0,
  ...refresh('/oauth/token', sessions.refreshTokens, CONNECTIONS),
});
strace.kill('SIGINT');
await once(strace, 'exit');
await server.stop();

const { answers, syncs, early } = judge(readFileSync(trace, 'utf8'));
console.log(
  `${answers} answers with a new refresh token, ${syncs} syncs of the write-ahead log, ` +
    `${(answers / Math.max(1, syncs)).toFixed(1)} answers a sync, ${Math.round(perSecond)}/s under strace`,
);
if (answers === 0) throw new Error('the trace shows no answer: nothing was checked');
for (const line of early) console.error(`not synced before: ${line.slice(0, 200)}`);
if (early.length > 0) process.exit(1);
console.log('No answer left before the sync of its commit.');
