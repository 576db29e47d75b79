// Fills a database with users and their authorizations, as logins over the last days would have: rows of real size in
// the order of their ids, into a schema with all its indexes. Some 100,000 rows a second and more.
//
//   node bench/support/generate-authorizations.mjs DATABASE_URL COUNT    (after npm run build; the server stopped)
import { pathToFileURL } from 'node:url';
import { inBatches, openForFilling } from './mass-insert.mjs';

const DAY_MS = 86_400_000;

const DEFAULTS = {
  /** Of a client that exists, or of none: then of client key 1. */
  clientId: null,
  sessionsPerUser: 3,
  scope: 'resources:read resources:write',
  audience: 'https://api.example.com/',
  /** The last logins are of now, the first of this long ago. */
  spreadMs: 6 * DAY_MS,
  lifetimeMs: 30 * DAY_MS,
  /** The share of rows, the oldest, that have expired. */
  expired: 0,
  /** Nobody logs in with it: a hash of random bytes. */
  passwordHash:
    '$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$K8SgGuYxUgU3j5kQnV0gMUjVwDpUgjpwkSpyS7Zlr2k',
  report: () => undefined,
};

/**
 * @param databaseUrl as in `DATABASE_URL`; the schema is made where it is missing
 * @param count of authorizations
 * @returns `{ users, from, to }`: how many users were made, named `user-` and their key; between which times the
 * logins lie, at equal distances
 */
export async function generateAuthorizations(databaseUrl, count, options = {}) {
  const settings = { ...DEFAULTS, ...options };
  const connection = await openForFilling(databaseUrl);
  try {
    const now = Date.now();
    const [client] = await connection.all(
      `SELECT coalesce(max("key"), 1) AS "key", coalesce(max(epoch), 0) AS epoch FROM clients
       WHERE client_id = '${settings.clientId ?? ''}'`,
    );
    const [{ last }] = await connection.all('SELECT coalesce(max("key"), 0) AS last FROM users');
    const users = Math.max(1, Math.ceil(count / settings.sessionsPerUser));
    const firstUser = Number(last) + 1;
    await inBatches(users, 'users', settings.report, (from, to) =>
      connection.run(usersSql(connection.dialect, from, to, firstUser, now, settings)),
    );
    await inBatches(count, 'authorizations', settings.report, (from, to) =>
      connection.run(
        authorizationsSql(connection.dialect, { from, to, count, users, firstUser, client, now, settings }),
      ),
    );
    await connection.finish('authorizations, users');
    return { users, from: now - settings.spreadMs, to: now };
  } finally {
    await connection.close();
  }
}

function usersSql(dialect, from, to, firstUser, now, { passwordHash }) {
  const { series, text, uuid } = dialect;
  return `INSERT INTO users (sub, username, password_hash, groups, epoch, created_at, updated_at)
    SELECT ${uuid}, 'user-' || ${text(`i + ${firstUser}`)}, '${passwordHash}', '[]', 0, ${now}, ${now}
    FROM ${series(from, to)}`;
}

function authorizationsSql(dialect, { from, to, count, users, firstUser, client, now, settings }) {
  const { series, random, id, seed, text } = dialect;
  const { scope, audience, spreadMs, lifetimeMs, expired } = settings;
  const created = `(${now - spreadMs} + i * ${spreadMs} / ${count})`;
  const expires = `CASE WHEN i < ${Math.floor(count * expired)} THEN ${now - 1} ELSE ${created} + ${lifetimeMs} END`;
  // Half of them have been refreshed since.
  const generation = `CASE WHEN i % 2 = 0 THEN 0 ELSE 1 + i % 40 END`;
  // A minute later, and not in the future: a server refuses what was refreshed by a clock that has been set back.
  const rotated = `CASE WHEN i % 2 = 0 THEN NULL WHEN ${created} + 60000 < ${now} THEN ${created} + 60000 ELSE ${now} END`;
  return `INSERT INTO authorizations (id, client_key, client_epoch, user_key, user_epoch, scope, audience, address, seed,
      generation, created_at, rotated_at, expires_at, revoked_at)
    SELECT ${id(created)}, ${client.key}, ${client.epoch}, ${firstUser} + ${random(users)}, 0, '${scope}', '${audience}',
      '203.0.113.' || ${text(random(256))}, ${seed}, ${generation}, ${created}, ${rotated}, ${expires}, NULL
    FROM ${series(from, to)}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [databaseUrl, count] = process.argv.slice(2);
  const start = performance.now();
  const { users } = await generateAuthorizations(databaseUrl, Number(count), { report: console.error });
  const seconds = (performance.now() - start) / 1000;
  console.log(`${count} authorizations of ${users} users in ${seconds.toFixed(1)} s`);
}
