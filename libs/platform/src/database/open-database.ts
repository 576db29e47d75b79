import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { DataSource, type DataSourceOptions } from 'typeorm';
import type { Database, DatabaseSchema } from './database.js';
import type { DatabaseUrl } from './database-url.js';
import { SnakeCaseNamingStrategy } from './naming-strategy.js';
import { PostgresDatabase } from './postgres-database.js';
import { SqliteDatabase } from './sqlite-database.js';
import { SqliteLock } from './sqlite-lock.js';

/** How long a request waits for another process's lock on an SQLite file; the wait blocks the event loop. */
const SQLITE_BUSY_MS = 2000;
const POSTGRES_CONNECT_MS = 3000;
const POSTGRES_STATEMENT_MS = 5000;

/**
 * Opens the database and brings its schema up to date; the only place that knows how a connection is configured.
 *
 * @throws DatabaseInUseError when another process serves the same SQLite file
 */
export async function openDatabase(
  url: DatabaseUrl,
  schema: DatabaseSchema,
  logger: Logger,
): Promise<Database> {
  return url.dialect === 'sqlite' ? openSqlite(url.path, schema) : openPostgres(url.url, schema, logger);
}

async function openSqlite(path: string, schema: DatabaseSchema): Promise<Database> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const lock = SqliteLock.acquire(path);
  try {
    const dataSource = new DataSource({
      ...commonOptions('sqlite', schema),
      type: 'better-sqlite3',
      database: path,
      timeout: SQLITE_BUSY_MS,
      prepareDatabase(connection: BetterSqlite3.Database) {
        connection.pragma('journal_mode = WAL');
        connection.pragma('synchronous = FULL');
      },
    });
    await dataSource.initialize();
    await dataSource.runMigrations({ transaction: 'each' });
    const { databaseConnection } = dataSource.driver as unknown as {
      databaseConnection: BetterSqlite3.Database;
    };
    return new SqliteDatabase(dataSource, databaseConnection, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function openPostgres(url: string, schema: DatabaseSchema, logger: Logger): Promise<Database> {
  const options = {
    ...commonOptions('postgres', schema),
    type: 'postgres' as const,
    url,
    parseInt8: true,
    poolErrorHandler: (error: unknown) => logger.warn({ err: error }, 'database connection lost'),
  };
  await migrateOnce(new DataSource({ ...options, extra: { connectionTimeoutMillis: POSTGRES_CONNECT_MS } }));
  const dataSource = new DataSource({
    ...options,
    extra: {
      connectionTimeoutMillis: POSTGRES_CONNECT_MS,
      statement_timeout: POSTGRES_STATEMENT_MS,
      query_timeout: POSTGRES_STATEMENT_MS + 1000,
      idle_in_transaction_session_timeout: POSTGRES_STATEMENT_MS * 2,
    },
  });
  await dataSource.initialize();
  return new PostgresDatabase(dataSource, poolOf(dataSource));
}

/**
 * Replicas that start together take turns; those that come later find nothing left to do. Over connections of its own,
 * without the time-outs of requests: a large table takes as long as it takes.
 */
async function migrateOnce(dataSource: DataSource): Promise<void> {
  await dataSource.initialize();
  try {
    const client = await poolOf(dataSource).connect();
    // A connection that breaks while it waits makes the next statement fail; without a listener it would end the process.
    client.on('error', () => undefined);
    try {
      await client.query(`SELECT pg_advisory_lock(hashtextextended('latchkey migrations', 0))`);
      await dataSource.runMigrations({ transaction: 'each' });
    } finally {
      // Ends the session, and the lock with it.
      client.release(true);
    }
  } finally {
    await dataSource.destroy();
  }
}

function poolOf(dataSource: DataSource): Pool {
  return (dataSource.driver as unknown as { master: Pool }).master;
}

function commonOptions(dialect: 'sqlite' | 'postgres', schema: DatabaseSchema) {
  return {
    entities: schema.entities(dialect),
    migrations: schema.migrations,
    migrationsTableName: schema.migrationsTable,
    namingStrategy: new SnakeCaseNamingStrategy(),
    synchronize: false,
    logging: false,
  } satisfies Partial<DataSourceOptions>;
}
