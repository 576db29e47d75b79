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
import { SYNC_TIMES, type SyncTimes } from '../notifications/notifications.js';
import { PostgresNotifications } from '../notifications/postgres-notifications.js';
import { createDataSource } from './entity-manager.js';
import { SnakeCaseNamingStrategy } from './naming-strategy.js';
import { POOL_SIZE } from './pool-gate.js';
import { PostgresDatabase } from './postgres-database.js';
import { assertMigrated, migrateSchema, MissingDatabaseError } from './schema-state.js';
import { SqliteDatabase } from './sqlite-database.js';
import { SqliteLock } from './sqlite-lock.js';
import { SqliteLog } from './sqlite-log.js';

/** How long a request waits for another process's lock on an SQLite file; the wait blocks the event loop. */
const SQLITE_BUSY_MS = 2000;
const POSTGRES_CONNECT_MS = 3000;
const POSTGRES_STATEMENT_MS = 5000;

export interface OpenOptions {
  /** Bring the schema up to date; otherwise one that is not is refused. */
  readonly migrate?: boolean;
  /** With `migrate`: set up a database that is missing or empty too; otherwise it is refused. Given, it is told of one. */
  readonly create?: boolean;
  readonly onCreated?: () => void;
  /** What is told of every use of the database. */
  readonly metrics?: DatabaseMetrics;
  readonly syncTimes?: SyncTimes;
}

/**
 * Opens the database and brings its schema up to date; the only place that knows how a connection is configured.
 *
 * @throws DatabaseInUseError when another process serves the same SQLite file
 * @throws NewerSchemaError when a newer version has worked on it
 * @throws MissingDatabaseError only without `create`
 * @throws OutdatedSchemaError only without `migrate`
 * @throws DatabaseAccessError when the settings, rights or the network do not allow it
 */
export async function openDatabase(
  url: DatabaseUrl,
  schema: DatabaseSchema,
  logger: Logger,
  { metrics, syncTimes = SYNC_TIMES, ...options }: OpenOptions = {},
): Promise<Database> {
  const setUp = prepareSetUp(describeDatabase(url), schema, logger, options);
  try {
    const database =
      url.dialect === 'sqlite'
        ? await openSqlite(url.path, schema, setUp, new LocalNotifications(logger, syncTimes))
        : await openPostgres(url.url, schema, logger, setUp, syncTimes);
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
  /** Brings the schema up to date, or sees that it is. */
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
  syncTimes: SyncTimes,
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
  const notifications = new PostgresNotifications(() => new pg.Client(pool.options), logger, syncTimes);
  return new PostgresDatabase(dataSource, pool, notifications);
}

/**
 * Replicas that start together take turns; those that come later find nothing left to do. Over connections of its own,
 * without the time-outs of requests: a large table takes as long as it takes.
 */
async function migrateOnce(dataSource: DataSource, run: SetUp['run']): Promise<void> {
  await dataSource.initialize();
  try {
    const client = await poolOf(dataSource).connect();
    // A connection that breaks while it waits makes the next statement fail; without a listener it would end the process.
    client.on('error', () => undefined);
    try {
      await client.query(`SELECT pg_advisory_lock(hashtextextended('latchkey migrations', 0))`);
      await run(dataSource);
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
