import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { statement, StorageUnavailableError } from '@latchkey/platform/database';
import sql from 'sql-template-tag';
import { note, NotesDatabase } from '../support/notes-database.js';
import { recordStatements } from '../support/statements.js';

describe('Units of work on PostgreSQL', () => {
  let notes: NotesDatabase;

  const insert = (name: string) => statement(sql`INSERT INTO notes (name) VALUES (${name})`);

  beforeEach(async () => {
    notes = await NotesDatabase.open('postgres');
    await notes.database.transaction(async (tx) => {
      await note(tx, 'a');
      await note(tx, 'b');
    });
  });

  afterEach(() => notes.close());

  it('of independent steps take one round trip, and others one for each statement, begin and commit', async () => {
    const statements = recordStatements(notes.database);
    await notes.database.writeTogether([insert('c'), insert('d')]);
    expect(statements).toHaveLength(1);
    await notes.database.transaction((tx) => note(tx, 'e'));
    expect(statements).toHaveLength(4);
    expect(await notes.committed()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('of independent steps are tried again when they are in conflict', async () => {
    // What a sequence has given, no rollback takes back.
    await notes.database.execute(sql`CREATE SEQUENCE runs`);
    await notes.database
      .execute(sql`CREATE FUNCTION conflict_at_first() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('runs') = 1 THEN RAISE EXCEPTION USING ERRCODE = 'serialization_failure'; END IF;
      END $$`);
    await notes.database.writeTogether([insert('c'), statement(sql`SELECT conflict_at_first()`)]);
    expect(await notes.database.query(sql`SELECT last_value FROM runs`)).toEqual([{ last_value: 2 }]);
    expect(await notes.committed()).toEqual(['a', 'b', 'c']);
  });

  it('are tried again after a deadlock, and both are done once', async () => {
    let runs = 0;
    let holding = 0;
    const crossing = (first: string, second: string) =>
      notes.database.transaction(async (tx): Promise<void> => {
        runs++;
        await tx.query(sql`UPDATE notes SET parent = name WHERE name = ${first}`);
        holding++;
        while (holding < 2) await tx.query(sql`SELECT pg_sleep(0.01)`);
        await tx.query(sql`UPDATE notes SET parent = name WHERE name = ${second}`);
        await note(tx, `done-${first}`);
      });
    await Promise.all([crossing('a', 'b'), crossing('b', 'a')]);
    expect(runs).toBe(3);
    expect(await notes.committed()).toEqual(['a', 'b', 'done-a', 'done-b']);
  });

  it('give up as an outage when every try is in conflict', async () => {
    let runs = 0;
    const hopeless = notes.database.transaction(async (tx) => {
      runs++;
      await note(tx, 'hopeless');
      await tx.query(sql`DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'serialization_failure'; END $$`);
    });
    await expect(hopeless).rejects.toBeInstanceOf(StorageUnavailableError);
    expect(runs).toBe(3);
    expect(await notes.committed()).toEqual(['a', 'b']);
  });

  it('give their connection back, whatever happens to them', async () => {
    const failing = () =>
      notes.database
        .transaction(async (tx) => {
          await tx.query(sql`SELECT 1 / 0`);
        })
        .catch(() => 'failed');
    expect(await Promise.all(Array.from({ length: 50 }, failing))).toEqual(Array(50).fill('failed'));
    await notes.database.transaction((tx) => note(tx, 'c'));
    expect(await notes.committed()).toEqual(['a', 'b', 'c']);
  });
});
