import { randomBytes } from 'node:crypto';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from '@jest/globals';
import pg from 'pg';

export type Dialect = 'sqlite' | 'postgres';

export const DIALECTS: readonly Dialect[] = ['sqlite', 'postgres'];

/** A database of its own. */
export interface TestDatabase {
  readonly dialect: Dialect;
  /** The value of `DATABASE_URL`. */
  readonly url: string;
  drop(): Promise<void>;
}

/** Runs the same suite on both databases. */
export function describeEachDatabase(name: string, suite: (dialect: Dialect) => void): void {
  for (const dialect of DIALECTS) describe(`${name} [${dialect}]`, () => suite(dialect));
}

/** @param template the `url` of a database that nobody uses, to be copied; without it the new one is empty */
export function createDatabase(dialect: Dialect, template?: string): Promise<TestDatabase> {
  return dialect === 'sqlite' ? createSqliteDatabase(template) : createPostgresDatabase(template);
}

async function createSqliteDatabase(template?: string): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-test-'));
  const file = join(folder, 'test.sqlite');
  if (template !== undefined) await copyFile(template.replace('sqlite:', ''), file);
  return {
    dialect: 'sqlite',
    url: `sqlite:${file}`,
    drop: () => rm(folder, { recursive: true, force: true }),
  };
}

async function createPostgresDatabase(template = 'template1'): Promise<TestDatabase> {
  const server = process.env.TEST_DATABASE_URL;
  if (server === undefined) throw new Error('TEST_DATABASE_URL is not set; run the tests with npm test');
  const name = `latchkey_test_${randomBytes(6).toString('hex')}`;
  // Copying files takes half as long as writing each page to the log.
  await administer(
    server,
    `CREATE DATABASE ${name} TEMPLATE ${template.replace(/.*\//, '')} STRATEGY FILE_COPY`,
  );
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    dialect: 'postgres',
    url: url.href,
    drop: () => administer(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

async function administer(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
