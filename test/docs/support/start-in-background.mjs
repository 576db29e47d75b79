// `npm start` for a script: starts both servers, prints what they print until they are ready, and leaves them running.
// Servers that were started before in this folder are stopped first.
import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const STARTED = 'Ctrl-C stops both.';

await stopServers();
rmSync('servers.log', { force: true });
const log = openSync('servers.log', 'w');
const data = join(process.cwd(), 'data');
const child = spawn(process.execPath, [`${process.env.ROOT}/scripts/start.mjs`], {
  env: {
    ...process.env,
    // The clone is made of links, which Node.js follows: so the folder of its data must be named.
    LATCHKEY_DATA_DIR: data,
    DATABASE_URL: `sqlite:${data}/latchkey.sqlite`,
    RESOURCE_SERVER_DATABASE_URL: `sqlite:${data}/resources.sqlite`,
    // Tests share few processors.
    HASH_WORKERS: '1',
    HASH_QUEUE_DEADLINE_MS: '30000',
  },
  detached: true,
  stdio: ['ignore', log, log],
});
let ended = false;
child.once('exit', () => (ended = true));
writeFileSync('servers.pid', String(child.pid));
child.unref();
while (!readFileSync('servers.log', 'utf8').includes(STARTED) && !ended) await setTimeout(100);
process.stdout.write(readFileSync('servers.log', 'utf8'));
process.exit(ended ? 1 : 0);

async function stopServers() {
  if (!existsSync('servers.pid')) return;
  const pid = Number(readFileSync('servers.pid', 'utf8'));
  try {
    process.kill(pid, 'SIGTERM');
    for (;;) {
      await setTimeout(50);
      process.kill(pid, 0);
    }
  } catch {
    // It is gone.
  }
}
