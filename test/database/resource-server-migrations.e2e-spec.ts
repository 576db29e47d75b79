import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openDatabase, parseDatabaseUrl, type Database } from '@latchkey/platform/database';
import { createLogger } from '@latchkey/platform/logging';
import { resourceServerSchema } from '../../apps/resource-server/src/database/schema.js';
import { createDatabase, describeEachDatabase, type TestDatabase } from '../support/databases.js';

describeEachDatabase('Migrations of the resource server', (dialect) => {
  let testDatabase: TestDatabase;
  let database: Database;

  const open = () => {
    const url = parseDatabaseUrl(testDatabase.url);
    if (url === null) throw new Error('The URL of the test database is not usable');
    return openDatabase(url, resourceServerSchema, createLogger('test', 'silent'));
  };

  beforeAll(async () => {
    testDatabase = await createDatabase(dialect);
    database = await open();
  });

  afterAll(async () => {
    await database.close();
    await testDatabase.drop();
  });

  it('equal the entities', async () => {
    const { upQueries } = await database.dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('run once, and can be taken back', async () => {
    await database.close();
    database = await open();
    expect(await database.dataSource.runMigrations()).toEqual([]);
    await database.dataSource.undoLastMigration();
    expect(await database.dataSource.runMigrations()).toHaveLength(1);
  });
});
