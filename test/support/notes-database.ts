import {
  openDatabase,
  parseDatabaseUrl,
  TextColumn,
  type Database,
  type OpenOptions,
  type Transaction,
} from '@latchkey/platform/database';
import { createLogger } from '@latchkey/platform/logging';
import BetterSqlite3 from 'better-sqlite3';
import pg from 'pg';
import sql from 'sql-template-tag';
import { Entity, type MigrationInterface, type QueryRunner } from 'typeorm';
import { createDatabase, type Dialect, type TestDatabase } from './databases.js';

/** A parent that does not exist is found out at the commit, which then fails. */
class Notes1764000000000 implements MigrationInterface {
  readonly name = 'Notes1764000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`CREATE TABLE notes (
      name text PRIMARY KEY NOT NULL,
      parent text REFERENCES notes (name) DEFERRABLE INITIALLY DEFERRED
    )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE notes');
  }
}

@Entity('notes')
export class Note {
  @TextColumn({ primary: true }) name!: string;
  @TextColumn({ nullable: true }) parent!: string | null;
}

const schema = { migrationsTable: 'notes_migrations', entities: [Note], migrations: [Notes1764000000000] };

/** A database of the platform with one table, to try its promises without an application around it. */
export class NotesDatabase {
  private constructor(
    private readonly testDatabase: TestDatabase,
    readonly database: Database,
  ) {}

  static async open(dialect: Dialect): Promise<NotesDatabase> {
    const testDatabase = await createDatabase(dialect);
    return new NotesDatabase(testDatabase, await openNotes(testDatabase));
  }

  get url(): string {
    return this.testDatabase.url;
  }

  /** Opens the same database once more, as another process would. */
  openAgain(options?: OpenOptions): Promise<Database> {
    return openNotes(this.testDatabase, options);
  }

  /** The names of the committed notes, read through a connection of its own. */
  async committed(): Promise<string[]> {
    const statement = 'SELECT name FROM notes ORDER BY name';
    if (this.testDatabase.dialect === 'sqlite') {
      const connection = new BetterSqlite3(this.url.replace('sqlite:', ''), { readonly: true });
      const rows = connection.prepare(statement).all() as { name: string }[];
      connection.close();
      return rows.map(({ name }) => name);
    }
    const client = new pg.Client({ connectionString: this.url });
    await client.connect();
    const { rows } = await client.query<{ name: string }>(statement);
    await client.end();
    return rows.map(({ name }) => name);
  }

  async close(): Promise<void> {
    if (this.database.dataSource.isInitialized) await this.database.close();
    await this.testDatabase.drop();
  }
}

/** Adds a note. */
export async function note(tx: Transaction, name: string, parent: string | null = null): Promise<void> {
  await tx.query(sql`INSERT INTO notes (name, parent) VALUES (${name}, ${parent})`);
}

/** Opens a database as one with notes. */
export function openNotes({ url }: TestDatabase, options?: OpenOptions): Promise<Database> {
  const parsed = parseDatabaseUrl(url);
  if (parsed === null) throw new Error('The URL of the test database is not usable');
  return openDatabase(parsed, schema, createLogger('test', 'silent'), options);
}
