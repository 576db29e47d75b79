import { readdir, readFile } from 'node:fs/promises';
import { afterEach, expect, it } from '@jest/globals';
import { type TestDatabase } from '../support/databases.js';
import { createServerDatabase } from '../support/server-databases.js';
import { ServerProcess } from '../support/server-process.js';
import { freePort } from '../support/ports.js';

let database: TestDatabase;
let server: ServerProcess;

afterEach(async () => {
  await server.stop('SIGKILL');
  await database.drop();
});

/** Of all threads of the process: the higher, the less it gets of a core. */
async function nicenessOf(pid: number): Promise<Map<number, number>> {
  const threads = await readdir(`/proc/${pid}/task`);
  const found = threads.map(async (thread) => {
    const status = await readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8');
    // proc(5): the first two of 52 fields end with the last parenthesis.
    return [Number(thread), Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[16])] as const;
  });
  return new Map(await Promise.all(found));
}

const onLinux = process.platform === 'linux' ? it : it.skip;

onLinux('Only the threads that hash passwords have a lower priority than the one that answers', async () => {
  database = await createServerDatabase('sqlite');
  const port = await freePort();
  server = await ServerProcess.start({
    environment: { PORT: String(port), DATABASE_URL: database.url, NODE_ENV: 'development' },
  });
  const nicenesses = await nicenessOf(server.pid);
  const own = (await nicenessOf(process.pid)).get(process.pid);
  expect(nicenesses.get(server.pid)).toBe(own);
  expect(new Set(nicenesses.values())).toEqual(new Set([own, 19]));
});
