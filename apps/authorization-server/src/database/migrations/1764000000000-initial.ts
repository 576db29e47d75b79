import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The data model of the first release. */
export class Initial1764000000000 implements MigrationInterface {
  readonly name = 'Initial1764000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const sqlite = queryRunner.dataSource.options.type === 'better-sqlite3';
    for (const statement of sqlite ? statements(SQLITE) : statements(POSTGRES))
      await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of TABLES) await queryRunner.query(`DROP TABLE ${table}`);
  }
}

const TABLES = [
  'audit_events',
  'authorizations',
  'client_secrets',
  'clients',
  'data_keys',
  'deleted_names',
  'scopes',
  'settings',
  'users',
];

interface Dialect {
  key: string;
  binary: string;
  afterAuthorizations: string;
}

const SQLITE: Dialect = {
  key: 'integer PRIMARY KEY AUTOINCREMENT NOT NULL',
  binary: 'blob',
  afterAuthorizations: 'WITHOUT ROWID',
};

const POSTGRES: Dialect = {
  key: 'bigserial PRIMARY KEY NOT NULL',
  binary: 'bytea',
  // Rotation touches no indexed column; room in each page lets it stay there (HOT updates).
  afterAuthorizations: 'WITH (fillfactor = 90)',
};

function statements({ key, binary, afterAuthorizations }: Dialect): string[] {
  return [
    `CREATE TABLE clients (
      "key" ${key},
      client_id text NOT NULL,
      client_name text NOT NULL,
      client_type text NOT NULL,
      grant_types text NOT NULL,
      scope text NOT NULL,
      default_scope text,
      audience text NOT NULL,
      access_token_format text NOT NULL,
      access_token_ttl integer,
      refresh_token_policy text NOT NULL,
      refresh_token_max_uses integer,
      refresh_token_ttl integer,
      refresh_token_idle_ttl integer,
      refresh_token_grace integer,
      may_introspect boolean NOT NULL,
      forwards_end_user_address boolean NOT NULL,
      password_grant_until text,
      disabled_by text,
      epoch integer NOT NULL,
      created_at bigint NOT NULL,
      updated_at bigint NOT NULL
    )`,
    `CREATE UNIQUE INDEX clients_client_id ON clients (client_id)`,
    `CREATE TABLE client_secrets (
      id ${binary} PRIMARY KEY NOT NULL,
      client_key bigint NOT NULL,
      hash text NOT NULL,
      created_at bigint NOT NULL,
      expires_at bigint
    )`,
    `CREATE INDEX client_secrets_client_key ON client_secrets (client_key)`,
    `CREATE TABLE scopes (
      name text PRIMARY KEY NOT NULL,
      description text NOT NULL,
      created_at bigint NOT NULL
    )`,
    `CREATE TABLE users (
      "key" ${key},
      sub text NOT NULL,
      username text NOT NULL,
      password_hash text NOT NULL,
      groups text NOT NULL,
      allowed_scope text,
      disabled_by text,
      epoch integer NOT NULL,
      created_at bigint NOT NULL,
      updated_at bigint NOT NULL
    )`,
    `CREATE UNIQUE INDEX users_sub ON users (sub)`,
    `CREATE UNIQUE INDEX users_username ON users (username)`,
    `CREATE TABLE authorizations (
      id ${binary} PRIMARY KEY NOT NULL,
      client_key bigint NOT NULL,
      client_epoch integer NOT NULL,
      user_key bigint,
      user_epoch integer,
      scope text NOT NULL,
      audience text NOT NULL,
      address text,
      seed ${binary},
      generation integer NOT NULL,
      created_at bigint NOT NULL,
      rotated_at bigint,
      expires_at bigint NOT NULL,
      revoked_at bigint
    ) ${afterAuthorizations}`,
    `CREATE INDEX authorizations_user_key ON authorizations (user_key)`,
    `CREATE INDEX authorizations_expires_at ON authorizations (expires_at)`,
    `CREATE TABLE data_keys (
      kid text PRIMARY KEY NOT NULL,
      purpose text NOT NULL,
      state text NOT NULL,
      wrapped ${binary} NOT NULL,
      created_at bigint NOT NULL
    )`,
    `CREATE TABLE settings (
      name text PRIMARY KEY NOT NULL,
      value text NOT NULL
    )`,
    `CREATE TABLE deleted_names (
      kind text NOT NULL,
      name text NOT NULL,
      deleted_at bigint NOT NULL,
      PRIMARY KEY (kind, name)
    )`,
    `CREATE TABLE audit_events (
      id ${binary} PRIMARY KEY NOT NULL,
      occurred_at bigint NOT NULL,
      kind text NOT NULL,
      outcome text NOT NULL,
      actor text,
      client_id text,
      subject text,
      sid ${binary},
      address text,
      request_id text,
      detail text,
      count integer NOT NULL,
      bucket text
    )`,
    `CREATE UNIQUE INDEX audit_events_bucket ON audit_events (bucket)`,
  ];
}
