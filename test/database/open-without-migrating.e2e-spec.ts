import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { MissingDatabaseError, NewerSchemaError, OutdatedSchemaError } from '@latchkey/platform/database';
import BetterSqlite3 from 'better-sqlite3';
import pg from 'pg';
import sql from 'sql-template-tag';
import { createDatabase, describeEachDatabase, type TestDatabase } from '../support/databases.js';
import { note, NotesDatabase, openNotes } from '../support/notes-database.js';

const pathOf = ({ url }: TestDatabase): string => url.replace('sqlite:', '');

async function tablesOf({ url }: TestDatabase): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ tablename: string }>(
    "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
  );
  await client.end();
  return rows;
}

describeEachDatabase('A database that a newer version has worked on', (dialect) => {
  it('is refused, with or without migrating, and left as it is', async () => {
    const notes = await NotesDatabase.open(dialect);
    await notes.database.transaction((tx) => note(tx, 'kept'));
    const future = sql`INSERT INTO notes_migrations (timestamp, name) VALUES (1, 'FromTheFuture1')`;
    await notes.database.execute(future);
    await notes.database.close();
    for (const migrate of [true, false]) {
      const error: unknown = await notes.openAgain({ migrate }).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(NewerSchemaError);
      expect((error as NewerSchemaError).unknown).toEqual(['FromTheFuture1']);
    }
    expect(await notes.committed()).toEqual(['kept']);
    await notes.close();
  });
});

describeEachDatabase('A database that is opened without migrating it', (dialect) => {
  let empty: TestDatabase;

  beforeEach(async () => {
    empty = await createDatabase(dialect);
  });

  afterEach(() => empty.drop());

  it('is refused when it is empty, and left so', async () => {
    const error: unknown = await openNotes(empty, { migrate: false }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OutdatedSchemaError);
    expect((error as OutdatedSchemaError).pending).toEqual(['Notes1764000000000']);
    if (dialect === 'postgres') expect(await tablesOf(empty)).toEqual([]);
    else expect(existsSync(pathOf(empty))).toBe(false);
  });

  it('can be opened for good after a refusal', async () => {
    await expect(openNotes(empty, { migrate: false })).rejects.toThrow(MissingDatabaseError);
    await (await openNotes(empty)).close();
  });

  it('is not set up anew where an existing one is asked for, be it missing, empty or of another program', async () => {
    const open = () => openNotes(empty, { migrate: true, create: false });
    await expect(open()).rejects.toThrow(MissingDatabaseError);
    if (dialect === 'postgres') expect(await tablesOf(empty)).toEqual([]);
    else {
      expect(existsSync(pathOf(empty))).toBe(false);
      new BetterSqlite3(pathOf(empty)).exec('CREATE TABLE others (name text)').close();
      await expect(open()).rejects.toThrow(/empty, or of another program/);
    }
    let created = 0;
    const onCreated = () => created++;
    await (await openNotes(empty, { onCreated })).close();
    await (await openNotes(empty, { onCreated })).close();
    await (await open()).close();
    expect(created).toBe(1);
  });

  it('is opened when its schema is that of the program', async () => {
    const notes = await NotesDatabase.open(dialect);
    await notes.database.transaction((tx) => note(tx, 'kept'));
    await notes.database.close();
    await (await notes.openAgain({ migrate: false })).close();
    expect(await notes.committed()).toEqual(['kept']);
    await notes.close();
  });
});
