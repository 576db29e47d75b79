// Gives each server a role and a database of its own in one PostgreSQL, so that neither can read the other's rows.
// What is there stays; a changed password in a URL becomes the role's password.
//
//   PGHOST, PGUSER, PGPASSWORD or PGPASSWORD_FILE   whom to connect as
//   DATABASE_URLS or DATABASE_URL_FILES             the servers' URLs, or files that hold one each, with spaces between
import { readFileSync } from 'node:fs';
import pg from 'pg';

const { env } = process;
const read = (path) => readFileSync(path, 'utf8').trim();
const words = (text = '') => text.split(/\s+/).filter(Boolean);

const urls = [...words(env.DATABASE_URLS), ...words(env.DATABASE_URL_FILES).map(read)];
const superuser = new pg.Client({
  database: 'postgres',
  password: env.PGPASSWORD_FILE ? read(env.PGPASSWORD_FILE) : env.PGPASSWORD,
});

await superuser.connect();
for (const url of urls) await create(new URL(url));
await superuser.end();

async function create(url) {
  const [user, password, name] = [url.username, url.password, url.pathname.slice(1)].map(decodeURIComponent);
  const role = pg.escapeIdentifier(user);
  const database = pg.escapeIdentifier(name);
  const verb = (await exists('pg_roles', 'rolname', user)) ? 'ALTER' : 'CREATE';
  await superuser.query(`${verb} ROLE ${role} LOGIN PASSWORD ${pg.escapeLiteral(password)}`);
  if (!(await exists('pg_database', 'datname', name))) {
    // From the template that may have any encoding: what names and contents hold is Unicode.
    await superuser.query(`CREATE DATABASE ${database} OWNER ${role} TEMPLATE template0 ENCODING 'UTF8'`);
    console.log(`created the database ${name}`);
  }
  // PostgreSQL lets every role into every database unless told otherwise.
  await superuser.query(`REVOKE CONNECT ON DATABASE ${database} FROM PUBLIC`);
}

async function exists(catalog, column, name) {
  const { rowCount } = await superuser.query(`SELECT FROM ${catalog} WHERE ${column} = $1`, [name]);
  return rowCount === 1;
}
