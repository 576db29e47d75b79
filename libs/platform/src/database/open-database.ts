import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import pg, { type Pool } from 'pg';
import type { Logger } from 'pino';
import type { DataSource, DataSourceOptions } from 'typeorm';
import type { Database, DatabaseSchema } from './database.js';
import { explainDatabaseError } from './database-access-error.js';
import { describeDatabase, type DatabaseUrl } from './database-url.js';
import type { DatabaseMetrics } from './database-metrics.js';
import { LocalNotifications } from '../notifications/local-notifications.js';
import { PostgresNotifications } from '../notifications/postgres-notifications.js';
import { createDataSource } from './entity-manager.js';
import { SnakeCaseNamingStrategy } from './naming-strategy.js';
import { POOL_SIZE } from './pool-gate.js';
import { PostgresDatabase } from './postgres-database.js';
import { assertMigrated, migrateSchema, MissingDatabaseError } from './schema-state.js';
import { SqliteDatabase } from './sqlite-database.js';
import { SqliteLock } from './sqlite-lock.js';
import { SqliteLog } from './sqlite-log.js';

/** How long a request waits for another process's lock on an SQLite file. The wait blocks the event loop. */
const SQLITE_BUSY_MS = 2000;
const POSTGRES_CONNECT_MS = 3000;
const POSTGRES_STATEMENT_MS = 5000;

export interface OpenOptions {
  /** Update the schema; otherwise an outdated schema is refused. */
  readonly migrate?: boolean;
  /** With `migrate`: also set up a missing or empty database, and call `onCreated`; otherwise it is refused. */
  readonly create?: boolean;
  readonly onCreated?: () => void;
  /** Receives measurements of every use of the database. */
  readonly metrics?: DatabaseMetrics;
}

/**
 * Opens the database and updates its schema. Connections are configured only here.
 *
 * @throws DatabaseInUseError when another process serves the same SQLite file
 * @throws NewerSchemaError when a newer version has migrated it
 * @throws MissingDatabaseError only without `create`
 * @throws OutdatedSchemaError only without `migrate`
 * @throws DatabaseAccessError when settings, permissions or the network do not allow it
 */
export async function openDatabase(
  url: DatabaseUrl,
  schema: DatabaseSchema,
  logger: Logger,
  { metrics, ...options }: OpenOptions = {},
): Promise<Database> {
  const setUp = prepareSetUp(describeDatabase(url), schema, logger, options);
  try {
    const database =
      url.dialect === 'sqlite'
        ? await openSqlite(url.path, schema, setUp, new LocalNotifications(logger))
        : await openPostgres(url.url, schema, logger, setUp);
    metrics?.watch(database);
    return database;
  } catch (error) {
    throw explainDatabaseError(error, url);
  }
}

interface SetUp {
  readonly where: string;
  readonly migrate: boolean;
  readonly create: boolean;
  /** Updates the schema, or checks that it is up to date. */
  readonly run: (dataSource: DataSource) => Promise<void>;
}

function prepareSetUp(
  where: string,
  schema: DatabaseSchema,
  logger: Logger,
  { migrate = true, create = migrate, onCreated }: Pick<OpenOptions, 'migrate' | 'create' | 'onCreated'>,
): SetUp {
  const run = async (dataSource: DataSource): Promise<void> => {
    if (!migrate) return assertMigrated(dataSource, schema, where);
    const isNew = await migrateSchema(dataSource, schema, where, create);
    logger.info({ database: where }, isNew ? 'set up a new database' : 'opened the database');
    if (isNew) onCreated?.();
  };
  return { where, migrate, create, run };
}

async function openSqlite(
  path: string,
  schema: DatabaseSchema,
  { where, create, run }: SetUp,
  notifications: LocalNotifications,
): Promise<Database> {
  if (create) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  else if (!existsSync(path)) throw new MissingDatabaseError(schema, `There is no ${where}`);
  const lock = SqliteLock.acquire(path);
  const dataSource = createDataSource({
    ...commonOptions(schema),
    type: 'better-sqlite3',
    database: path,
    timeout: SQLITE_BUSY_MS,
    prepareDatabase(connection: BetterSqlite3.Database) {
      connection.pragma('journal_mode = WAL');
      connection.pragma('synchronous = FULL');
    },
  });
  try {
    await dataSource.initialize();
    await run(dataSource);
    const { databaseConnection } = dataSource.driver as unknown as {
      databaseConnection: BetterSqlite3.Database;
    };
    const log = await SqliteLog.open(databaseConnection);
    return new SqliteDatabase(dataSource, databaseConnection, log, lock, notifications);
  } catch (error) {
    if (dataSource.isInitialized) await dataSource.destroy();
    lock.release();
    throw error;
  }
}

async function openPostgres(
  url: string,
  schema: DatabaseSchema,
  logger: Logger,
  { migrate, run }: SetUp,
): Promise<Database> {
  const options = {
    ...commonOptions(schema),
    type: 'postgres' as const,
    url,
    parseInt8: true,
    poolErrorHandler: (error: unknown) => logger.warn({ err: error }, 'database connection lost'),
  };
  if (migrate) {
    await migrateOnce(
      createDataSource({ ...options, extra: { connectionTimeoutMillis: POSTGRES_CONNECT_MS } }),
      run,
    );
  }
  const dataSource = createDataSource({
    ...options,
    extra: {
      max: POOL_SIZE,
      connectionTimeoutMillis: POSTGRES_CONNECT_MS,
      statement_timeout: POSTGRES_STATEMENT_MS,
      query_timeout: POSTGRES_STATEMENT_MS + 1000,
      idle_in_transaction_session_timeout: POSTGRES_STATEMENT_MS * 2,
    },
  });
  await dataSource.initialize();
  try {
    if (!migrate) await run(dataSource);
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
  const pool = poolOf(dataSource);
  const notifications = new PostgresNotifications(() => new pg.Client(pool.options), logger);
  return new PostgresDatabase(dataSource, pool, notifications);
}

/**
 * Replicas that start together take turns, and only the first one has something to do. It uses a connection of its own,
 * without the time-outs of requests, because migrating a large table may take long.
 */
async function migrateOnce(dataSource: DataSource, run: SetUp['run']): Promise<void> {
  await dataSource.initialize();
  try {
    const client = await poolOf(dataSource).connect();
    // If the connection breaks while it waits, the next statement fails. Unhandled, the event would end the process.
    client.on('error', () => undefined);
    try {
      await client.query(`SELECT pg_advisory_lock(hashtextextended('latchkey migrations', 0))`);
      await run(dataSource);
    } finally {
      // Closes the session, which releases the lock.
      client.release(true);
    }
  } finally {
    await dataSource.destroy();
  }
}

function poolOf(dataSource: DataSource): Pool {
  return (dataSource.driver as unknown as { master: Pool }).master;
}

function commonOptions(schema: DatabaseSchema) {
  return {
    entities: schema.entities,
    migrations: schema.migrations,
    migrationsTableName: schema.migrationsTable,
    namingStrategy: new SnakeCaseNamingStrategy(),
    synchronize: false,
    logging: false,
  } satisfies Partial<DataSourceOptions>;
}
