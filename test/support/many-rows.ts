import type { Database } from '@latchkey/platform/database';
import sql, { raw, type Sql } from 'sql-template-tag';
import { ALICE } from './builders.js';

/** The tables that grow, with the first column of their primary keys. */
export const TABLES = {
  audit_events: 'id',
  authorizations: 'id',
  client_secrets: 'id',
  clients: 'key',
  deleted_names: 'name',
  password_logins: 'user_key',
  revocations: 'key',
  scopes: 'name',
  throttles: 'key',
  users: 'key',
} as const;

/** The rows were made within this time until now. */
const SPREAD_MS = 1_800_000;

/** Statements that both databases take, given what differs. */
interface Words {
  readonly series: (count: number) => string;
  readonly text: (expression: string) => string;
  /** A version 7 UUID of the time when the row was made, in order. */
  readonly id: string;
  readonly yes: string;
  readonly no: string;
}

function words(dialect: Database['dialect'], rows: number, start: number): Words {
  const at = `(${start} + i * ${SPREAD_MS} / ${rows})`;
  return dialect === 'sqlite'
    ? {
        series: (count) =>
          `(WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ${count}) SELECT i FROM n)`,
        text: (expression) => `CAST(${expression} AS TEXT)`,
        id: `unhex(printf('%012x7%03x8%015x', ${at}, i & 4095, i))`,
        yes: '1',
        no: '0',
      }
    : {
        series: (count) => `generate_series(0::bigint, ${count - 1}::bigint) AS n(i)`,
        text: (expression) => `(${expression})::text`,
        id: `decode(lpad(to_hex(${at}), 12, '0') || '7' || lpad(to_hex(i & 4095), 3, '0') || '8' || lpad(to_hex(i), 15, '0'), 'hex')`,
        yes: 'TRUE',
        no: 'FALSE',
      };
}

/**
 * Fills each table that grows with as many rows. In all columns that a list can be filtered by, one half of the rows is
 * like every second one, and the other half like all others.
 */
export async function fillTables(database: Database, rows: number): Promise<void> {
  const start = Date.now() - SPREAD_MS;
  const { series, text, id, yes, no } = words(database.dialect, rows, start);
  const at = `(${start} + i * ${SPREAD_MS} / ${rows})`;
  const half = text('i % 2');
  const number = text('i + 100000');
  const either = (even: string, odd: string) => `CASE WHEN i % 2 = 0 THEN ${even} ELSE ${odd} END`;
  const disabled = either('NULL', "'administrator'");
  const client = (clientId: string, name: string) => `SELECT ${clientId}, ${name}, 'confidential',
      ${either("'password'", "'client_credentials'")}, 'scope-' || ${half}, NULL, 'https://api.example.com/', 'jwt', NULL,
      'none', NULL, NULL, NULL, NULL, ${no}, ${no}, NULL, ${disabled}, 1, 0, 0`;
  const user = (
    sub: string,
    username: string,
  ) => `SELECT ${sub}, ${username}, '', '', '["group-' || ${half} || '"]',
      'scope-' || ${half}, ${either(yes, no)}, ${disabled}, 1, 0, 0`;
  const clientColumns = `client_id, client_name, client_type, grant_types, scope, default_scope, audience,
    access_token_format, access_token_ttl, refresh_token_policy, refresh_token_max_uses, refresh_token_ttl,
    refresh_token_idle_ttl, refresh_token_grace, may_introspect, forwards_end_user_address, password_grant_until,
    disabled_by, epoch, created_at, updated_at`;
  const userColumns = `sub, username, password_hash, password_hash_cost, groups, allowed_scope, has_second_factor, disabled_by,
    epoch,
    created_at, updated_at`;
  const [many, two] = [series(rows), series(2)];
  const keyOf = (table: string, column: string, name: string) =>
    `(SELECT key FROM ${table} WHERE ${column} = '${name}')`;
  const heavy = either(keyOf('users', 'sub', 'heavy-0'), keyOf('users', 'sub', 'heavy-1'));
  const through = either(
    keyOf('clients', 'client_id', 'client-0'),
    keyOf('clients', 'client_id', 'client-1'),
  );
  const authorizations = (user: string, idOf: string) => `INSERT INTO authorizations
    (id, client_key, client_epoch, user_key, user_epoch, scope, audience, address, seed, generation, created_at, rotated_at,
      expires_at, revoked_at)
    SELECT ${idOf}, ${through}, 0, ${user}, 0, '', 'https://api.example.com/', NULL, NULL, 0, ${at}, NULL,
      ${Date.now() + 86_400_000}, ${either(at, 'NULL')} FROM ${many}`;
  const statements = [
    `INSERT INTO scopes (name, description, created_at) SELECT 'scope-' || ${half}, '', 0 FROM ${two}`,
    `INSERT INTO scopes (name, description, created_at) SELECT 'scope:' || ${number}, '', 0 FROM ${many}`,
    `INSERT INTO clients (${clientColumns}) ${client(`'client-' || ${half}`, `'Name ' || ${half}`)} FROM ${two}`,
    `INSERT INTO clients (${clientColumns}) ${client(`'many-' || ${number}`, `'Name ' || ${half}`)} FROM ${many}`,
    `INSERT INTO users (${userColumns}) ${user(`'heavy-' || ${half}`, `'heavy-' || ${half}`)} FROM ${two}`,
    `INSERT INTO users (${userColumns}) ${user(`'many-' || ${number}`, `'many-' || ${number}`)} FROM ${many}`,
    `INSERT INTO password_logins (user_key, client_key, logins, last_at)
      SELECT u.key, ${through}, 1, ${at} FROM ${many} JOIN users u ON u.sub = 'many-' || ${number}`,
    authorizations(heavy, id),
    authorizations(
      keyOf('users', 'username', ALICE.username),
      database.dialect === 'sqlite' ? id.replace('8%015x', '9%015x') : id.replace("'8'", "'9'"),
    ),
    `INSERT INTO audit_events (id, occurred_at, kind, outcome, actor, client_id, subject, sid, address, request_id, detail,
        count, bucket)
      SELECT ${id}, ${at}, ${either("'client_authorized'", "'login'")}, ${either("'success'", "'failure'")},
        'actor-' || ${half}, 'client-' || ${half}, 'subject-' || ${half}, NULL, NULL, NULL, NULL, 1, NULL FROM ${many}`,
    `INSERT INTO revocations (kind, subject, epoch, audience, at, expires_at)
      SELECT 'user', 'many-' || ${number}, 1, NULL, ${at}, ${Date.now() + 86_400_000} FROM ${many}`,
    `INSERT INTO throttles (key, attempts, last_at, known, expires_at)
      SELECT ${id}, 1, ${at}, ${either(yes, no)}, ${Date.now() + 86_400_000} FROM ${many}`,
  ];
  for (const statement of statements) await database.execute(plain(statement));
  if (database.dialect === 'postgres') await database.execute(sql`ANALYZE`);
}

function plain(statement: string): Sql {
  return sql`${raw(statement)}`;
}
