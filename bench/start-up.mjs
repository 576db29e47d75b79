// How long a cold process takes until it is ready on an existing database, and where that time goes:
//   npm run build:bundle && node bench/start-up.mjs [starts]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { environmentIn, startWith } from './support/authorization-server.mjs';
import { saveResults } from './support/results.mjs';
import { freePort, root, temporaryFolder } from './support/server.mjs';
import { median } from './support/statistics.mjs';
import { table } from './support/tables.mjs';

const DIST = 'apps/authorization-server/dist';

const starts = Number(process.argv[2] ?? 7);
const environment = environmentIn(temporaryFolder());
// The first start makes the database.
await (await startWith(environment)).stop();

const scripts = { modules: `${DIST}/main.js`, 'one file (npm run build:bundle)': `${DIST}/bundle/main.js` };
const results = {};
const rows = [];
for (const [name, script] of Object.entries(scripts)) {
  if (!existsSync(join(root, script))) continue;
  const measured = [];
  for (let start = 0; start < starts; start++) measured.push(await measureStart(script));
  results[name] = measured;
  for (const moment of ['loaded', 'ready']) {
    const times = measured.map((result) => result[moment]);
    rows.push([
      name,
      moment,
      ...[median(times), Math.min(...times), Math.max(...times)].map((time) => time.toFixed(0)),
    ]);
  }
  rows.push([name, 'resident, MiB', median(measured.map(({ memory }) => memory)).toFixed(0), '', '']);
}
const text =
  `${table(['built as', 'after the start of the process', 'median ms', 'min', 'max'], rows)}\n\n` +
  'loaded: all modules are; ready: the server listens.';
console.log(text);
saveResults('start-up', results, text);

/** Follows the log: the line that says "ready" comes once the server listens. */
async function measureStart(script) {
  const port = await freePort();
  const began = performance.now();
  const hook = 'data:text/javascript,process.on("message",()=>process.send(process.memoryUsage.rss()))';
  const child = spawn(process.execPath, ['--import', hook, script], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: {
      PATH: process.env.PATH,
      ...environment,
      HOST: '127.0.0.1',
      PORT: String(port),
      LOG_LEVEL: 'debug',
    },
  });
  let loaded = null;
  let ready = null;
  for await (const line of createInterface({ input: child.stdout })) {
    loaded ??= performance.now() - began;
    if (!line.includes('"msg":"ready"')) continue;
    ready = performance.now() - began;
    break;
  }
  child.stdout.resume();
  child.send('memory');
  const [bytes] = await once(child, 'message');
  child.kill('SIGTERM');
  await once(child, 'exit');
  if (ready === null) throw new Error('the server did not become ready');
  return { loaded, ready, memory: bytes / 1048576 };
}
