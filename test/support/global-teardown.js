import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';

export default async function globalTeardown() {
  const folder = process.env.TEST_FOLDER ?? '';
  for (const note of await readdir(folder)) await drop(await readFile(join(folder, note), 'utf8'));
  await globalThis.latchkeyPostgres?.stop();
  await rm(globalThis.latchkeyFolder, { recursive: true, force: true });
}

/** @param {string} template the URL of a database that was copied; those of SQLite go with the folder */
async function drop(template) {
  if (template.startsWith('sqlite:')) return;
  const client = new pg.Client({ connectionString: process.env.TEST_DATABASE_URL });
  await client.connect();
  await client.query(`DROP DATABASE ${new URL(template).pathname.slice(1)}`);
  await client.end();
}
