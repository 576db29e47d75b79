// Many rows at once into a database that no server uses, by statements that run on SQLite and on PostgreSQL.
import { openDatabase, parseDatabaseUrl } from '@latchkey/platform/database';
import BetterSqlite3 from 'better-sqlite3';
import pg from 'pg';
import { authorizationServerSchema } from '../../apps/authorization-server/dist/schema.js';

const BATCH = 250_000;

/** Calls `insert` with the bounds of one part of `total` rows after the other. */
export async function inBatches(total, what, report, insert) {
  for (let from = 0; from < total; from += BATCH) {
    const to = Math.min(total, from + BATCH);
    await insert(from, to);
    report(`${what}: ${to} of ${total}`);
  }
}

/**
 * Opens a database; the schema is made where it is missing.
 *
 * @param databaseUrl as in `DATABASE_URL`
 * @returns `{ dialect, run, all, finish, close }`; `finish` is given the tables that were filled
 */
export async function openForFilling(databaseUrl) {
  const url = parseDatabaseUrl(databaseUrl);
  const database = await openDatabase(url, authorizationServerSchema, {
    info: () => undefined,
    warn: console.error,
  });
  await database.close();
  return url.dialect === 'sqlite' ? openSqlite(url.path) : openPostgres(url.url);
}

/** What a version 7 UUID is made of, in hexadecimal: time, version, counter, variant, random digits. */
const SQLITE = {
  series: (from, to) =>
    `(WITH RECURSIVE n(i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ${to}) SELECT i FROM n)`,
  random: (below) => `(abs(random()) % ${below})`,
  text: (expression) => `CAST(${expression} AS TEXT)`,
  uuid: `lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-7' || substr(hex(randomblob(2)), 2) || '-a' ||
    substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))`,
  id: (created) =>
    `unhex(printf('%012x7%03x%x', ${created}, i & 4095, 8 + (i & 3)) || substr(hex(randomblob(8)), 2))`,
  seed: 'randomblob(16)',
};

const POSTGRES = {
  series: (from, to) => `generate_series(${from}::bigint, ${to - 1}::bigint) AS n(i)`,
  random: (below) => `floor(random() * ${below})::bigint`,
  text: (expression) => `(${expression})::text`,
  uuid: 'gen_random_uuid()::text',
  id: (created) => `decode(lpad(to_hex(${created}), 12, '0') || '7' || lpad(to_hex(i & 4095), 3, '0') ||
    to_hex(8 + (i & 3)) || substr(md5(random()::text), 1, 15), 'hex')`,
  seed: 'uuid_send(gen_random_uuid())',
};

function openSqlite(path) {
  const connection = new BetterSqlite3(path);
  connection.pragma('journal_mode = WAL');
  connection.pragma('synchronous = OFF');
  connection.pragma('cache_size = -1000000');
  return {
    dialect: SQLITE,
    run: async (sql) => void connection.exec(sql),
    all: async (sql) => connection.prepare(sql).all(),
    finish: async () => void connection.pragma('wal_checkpoint(TRUNCATE)'),
    close: async () => void connection.close(),
  };
}

async function openPostgres(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('SET synchronous_commit = off');
  return {
    dialect: POSTGRES,
    run: (sql) => client.query(sql),
    all: async (sql) => (await client.query(sql)).rows,
    finish: (tables) => client.query(`VACUUM ANALYZE ${tables}`),
    close: () => client.end(),
  };
}
