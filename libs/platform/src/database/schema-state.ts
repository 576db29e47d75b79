import type { DataSource } from 'typeorm';
import type { DatabaseSchema } from './database.js';

/** The schema of the database is older than this version of the program needs. */
export class OutdatedSchemaError extends Error {
  override readonly name: string = 'OutdatedSchemaError';

  /** @param pending the migrations that have not run */
  constructor(
    readonly pending: readonly string[],
    message = `The database is behind this version: ${pending.length} migrations have not run`,
  ) {
    super(message);
  }
}

/** There is no database of this program at the expected place. */
export class MissingDatabaseError extends OutdatedSchemaError {
  override readonly name = 'MissingDatabaseError';

  constructor(schema: DatabaseSchema, message: string) {
    super(namesOf(schema), message);
  }
}

/** A newer version of the program has migrated the database. */
export class NewerSchemaError extends Error {
  override readonly name = 'NewerSchemaError';

  /** @param unknown the executed migrations that this version does not have */
  constructor(readonly unknown: readonly string[]) {
    super(
      `The database belongs to a newer version, with migrations that this one does not know: ${unknown.join(', ')}. ` +
        'Nothing was changed. Start that version or a later one, or restore a backup from before it.',
    );
  }
}

/**
 * Checks the schema and changes nothing, not even an empty database.
 *
 * @param where location of the database, for messages
 * @throws MissingDatabaseError, OutdatedSchemaError, NewerSchemaError
 */
export async function assertMigrated(
  dataSource: DataSource,
  schema: DatabaseSchema,
  where: string,
): Promise<void> {
  const done = await migrationsDone(dataSource, schema);
  assertExists(done, schema, where);
  assertNotNewer(done, schema);
  const missing = namesOf(schema).filter((name) => !done.includes(name));
  if (missing.length > 0) throw new OutdatedSchemaError(missing);
}

/**
 * Runs the missing migrations.
 *
 * @param where location of the database, for messages
 * @param create whether a database without any migration may be set up
 * @returns whether it was set up
 * @throws NewerSchemaError, MissingDatabaseError; nothing was changed then
 */
export async function migrateSchema(
  dataSource: DataSource,
  schema: DatabaseSchema,
  where: string,
  create: boolean,
): Promise<boolean> {
  const done = await migrationsDone(dataSource, schema);
  assertNotNewer(done, schema);
  if (!create) assertExists(done, schema, where);
  await dataSource.runMigrations({ transaction: 'each' });
  return done.length === 0;
}

function assertExists(done: readonly string[], schema: DatabaseSchema, where: string): void {
  if (done.length > 0 || schema.migrations.length === 0) return;
  throw new MissingDatabaseError(schema, `The ${where} is empty, or of another program`);
}

/** @param done the names of the executed migrations. @throws NewerSchemaError */
export function assertNotNewer(done: readonly string[], schema: DatabaseSchema): void {
  const known = new Set(namesOf(schema));
  const unknown = done.filter((name) => !known.has(name));
  if (unknown.length > 0) throw new NewerSchemaError(unknown);
}

function namesOf(schema: DatabaseSchema): string[] {
  return schema.migrations.map((Migration) => new Migration().name ?? Migration.name);
}

async function migrationsDone(dataSource: DataSource, schema: DatabaseSchema): Promise<string[]> {
  const runner = dataSource.createQueryRunner();
  try {
    const isSetUp = await runner.hasTable(schema.migrationsTable);
    const rows: unknown = isSetUp ? await runner.query(`SELECT name FROM ${schema.migrationsTable}`) : [];
    return (rows as { name: string }[]).map(({ name }) => name);
  } finally {
    await runner.release();
  }
}
