import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, parseDatabaseUrl, type Row } from '@latchkey/platform/database';
import { createLogger } from '@latchkey/platform/logging';
import sql, { raw } from 'sql-template-tag';
import { authorizationServerSchema } from '../../apps/authorization-server/src/schema.js';
import type { Configuration } from './builders.js';
import type { Dialect, TestDatabase } from './databases.js';
import { createServerDatabase } from './server-databases.js';
import { startStack, type Stack } from './stack.js';

/** A database that a server is started over again and again, with one configuration file after another. */
export class Installation {
  private constructor(
    readonly database: TestDatabase,
    private readonly folder: string,
  ) {}

  /** @param create `createDatabase`, where the installation must not have a database that is set up already */
  static async create(dialect: Dialect, create = createServerDatabase): Promise<Installation> {
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-installation-'));
    return new Installation(await create(dialect), folder);
  }

  start(configuration?: Configuration, environment: Record<string, string> = {}): Promise<Stack> {
    const { database } = this;
    return startStack(database.dialect, { database, environment, ...(configuration && { configuration }) });
  }

  /** Starts with the text as its configuration file. */
  async startWith(text: string | Buffer): Promise<Stack> {
    const path = join(this.folder, 'latchkey.yaml');
    await writeFile(path, text);
    return this.start(undefined, { LATCHKEY_CONFIG: path });
  }

  /** Starts, does something, and stops. */
  async during<T>(
    configuration: Configuration | undefined,
    use: (stack: Stack) => Promise<T>,
    environment: Record<string, string> = {},
  ): Promise<T> {
    const stack = await this.start(configuration, environment);
    try {
      return await use(stack);
    } finally {
      await stack.stop();
    }
  }

  /** Starts and stops. */
  async apply(configuration: Configuration, environment: Record<string, string> = {}): Promise<void> {
    await this.during(configuration, () => Promise.resolve(), environment);
  }

  /** Everything that is stored, by table; no server may run on an SQLite file meanwhile. */
  async dump(): Promise<Record<string, Row[]>> {
    const url = parseDatabaseUrl(this.database.url);
    if (url === null) throw new Error('The URL of the test database is not usable');
    const database = await openDatabase(url, authorizationServerSchema, createLogger('test', 'silent'));
    const tables: Record<string, Row[]> = {};
    for (const { tableName } of database.dataSource.entityMetadatas) {
      tables[tableName] = await database.query(sql`SELECT * FROM ${raw(tableName)} ORDER BY 1, 2`);
    }
    await database.close();
    return tables;
  }

  async drop(): Promise<void> {
    await this.database.drop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
