import { readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pg from 'pg';

export default async function globalTeardown() {
  const folder = globalThis.latchkeyFolder;
  for (const note of await readdir(folder)) await drop(await readFile(join(folder, note), 'utf8'));
  await rm(folder, { recursive: true });
  await globalThis.latchkeyPostgres?.stop();
}

/** @param {string} template the URL of a database that was copied */
async function drop(template) {
  if (template.startsWith('sqlite:'))
    return rm(dirname(template.replace('sqlite:', '')), { recursive: true });
  const client = new pg.Client({ connectionString: process.env.TEST_DATABASE_URL });
  await client.connect();
  await client.query(`DROP DATABASE ${new URL(template).pathname.slice(1)}`);
  await client.end();
}
