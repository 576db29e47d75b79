import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { openDatabase, parseDatabaseUrl, type Database } from '@latchkey/platform/database';
import { createLogger } from '@latchkey/platform/logging';
import sql from 'sql-template-tag';
import { authorizationServerSchema } from '../../apps/authorization-server/src/schema.js';
import { createDatabase, describeEachDatabase, type TestDatabase } from '../support/databases.js';

describeEachDatabase('Migrations of the authorization server', (dialect) => {
  let testDatabase: TestDatabase;
  let database: Database;

  const open = () => {
    const url = parseDatabaseUrl(testDatabase.url);
    if (url === null) throw new Error('The URL of the test database is not usable');
    return openDatabase(url, authorizationServerSchema, createLogger('test', 'silent'));
  };

  const tables = async () => {
    const catalogue =
      dialect === 'sqlite'
        ? sql`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`
        : sql`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename`;
    return (await database.query<{ name: string }>(catalogue)).map(({ name }) => name);
  };

  beforeEach(async () => {
    testDatabase = await createDatabase(dialect);
    database = await open();
  });

  afterEach(async () => {
    await database.close();
    await testDatabase.drop();
  });

  it('equal the entities', async () => {
    const { upQueries } = await database.dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('have every index that the entities name, also those that TypeORM cannot describe', async () => {
    const catalogue =
      dialect === 'sqlite'
        ? sql`SELECT name FROM sqlite_master WHERE type = 'index'`
        : sql`SELECT indexname AS name FROM pg_indexes WHERE schemaname = 'public'`;
    const existing = new Set((await database.query<{ name: string }>(catalogue)).map(({ name }) => name));
    const onPostgres = /_bytes$|^authorizations_user_key_id$/;
    const named = database.dataSource.entityMetadatas
      .flatMap(({ indices }) => indices.map(({ name }) => name))
      .filter((name) => dialect === 'postgres' || !onPostgres.test(name));
    expect(named.length).toBeGreaterThanOrEqual(20);
    expect(named.filter((name) => !existing.has(name))).toEqual([]);
  });

  it('would be found out if they did not', async () => {
    await database.execute(sql`ALTER TABLE users ADD COLUMN nickname text`);
    const { upQueries } = await database.dataSource.driver.createSchemaBuilder().log();
    expect(upQueries).not.toEqual([]);
  });

  it('run once', async () => {
    await database.execute(sql`INSERT INTO settings (name, value) VALUES ('kept', 'yes')`);
    await database.close();
    database = await open();
    expect(await database.dataSource.runMigrations()).toEqual([]);
    expect(await database.query(sql`SELECT value FROM settings WHERE name = 'kept'`)).toHaveLength(1);
  });

  it('read the costs out of the hashes that were stored before they were kept', async () => {
    const migrations = [...authorizationServerSchema.migrations].reverse();
    const since = migrations.findIndex(({ name }) => name.startsWith('PasswordHashCosts')) + 1;
    for (let count = 0; count < since; count++) await database.dataSource.undoLastMigration();
    const hash =
      '$argon2id$v=19$m=65536,t=3,p=1$c29tZXNhbHRzb21l$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ';
    await database.execute(sql`INSERT INTO users
      (sub, username, password_hash, groups, epoch, created_at, updated_at)
      VALUES ('s', 'alice', ${hash}, '[]', 0, 0, 0)`);
    await database.dataSource.runMigrations();
    expect(await database.query(sql`SELECT password_hash_cost AS cost FROM users`)).toEqual([
      { cost: '$argon2id$v=19$m=65536,t=3,p=1' },
    ]);
  });

  it('can be taken back, all of them, and run again', async () => {
    const before = await tables();
    for (let count = authorizationServerSchema.migrations.length; count > 0; count--) {
      await database.dataSource.undoLastMigration();
    }
    expect(await tables()).toEqual([authorizationServerSchema.migrationsTable]);
    await database.dataSource.runMigrations();
    expect(await tables()).toEqual(before);
  });

  it('serve two that start at once', async () => {
    if (dialect === 'sqlite') return;
    const empty = await createDatabase(dialect);
    const url = parseDatabaseUrl(empty.url);
    if (url === null) throw new Error('The URL of the test database is not usable');
    const opened = await Promise.all(
      [1, 2, 3].map(() => openDatabase(url, authorizationServerSchema, createLogger('test', 'silent'))),
    );
    for (const each of opened) {
      expect(await each.query(sql`SELECT count(*) AS count FROM settings`)).toEqual([{ count: 1 }]);
      await each.close();
    }
    await empty.drop();
  });

  it('never give an internal key out twice, so that no old reference finds a new row', async () => {
    const insert = () =>
      database.execute<{ key: number }>(sql`
        INSERT INTO users (sub, username, password_hash, groups, epoch, created_at, updated_at)
        VALUES ('sub', 'name', 'hash', '[]', 0, 0, 0) RETURNING key`);
    const [first] = await insert();
    await database.execute(sql`DELETE FROM users`);
    const [second] = await insert();
    expect(second?.key).toBeGreaterThan(first?.key ?? Infinity);
  });
});
