import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { Snapshot } from '@latchkey/platform/database';
import sql, { join } from 'sql-template-tag';
import { describeEachDatabase } from '../support/databases.js';
import { note, NotesDatabase } from '../support/notes-database.js';

/** More than is fetched at once. */
const MANY = 2500;

describeEachDatabase('A snapshot', (dialect) => {
  let notes: NotesDatabase;

  const namesIn = async (snapshot: Snapshot): Promise<string[]> => {
    const { byteOrder } = notes.database;
    const names: string[] = [];
    for await (const { name } of snapshot.rows<{ name: string }>(
      sql`SELECT name FROM notes ORDER BY name ${byteOrder}`,
    )) {
      names.push(name);
    }
    return names;
  };

  const write = (...names: string[]) =>
    notes.database.transaction(async (tx) => {
      for (const name of names) await note(tx, name);
    });

  beforeEach(async () => {
    notes = await NotesDatabase.open(dialect);
  });

  afterEach(() => notes.close());

  it('shows every row, however many', async () => {
    const names = Array.from({ length: MANY }, (_, index) => `note-${String(index).padStart(5, '0')}`);
    await write(...names);
    expect(await notes.database.snapshot(namesIn)).toEqual(names);
  });

  it('shows nothing that is written while it is read, and keeps nobody from writing', async () => {
    await write('a', 'b');
    await notes.database.snapshot(async (snapshot) => {
      expect(await namesIn(snapshot)).toEqual(['a', 'b']);
      await write('c');
      expect(await notes.committed()).toEqual(['a', 'b', 'c']);
      expect(await namesIn(snapshot)).toEqual(['a', 'b']);
    });
  });

  it('takes values', async () => {
    await write('a', 'b', 'c');
    const names = await notes.database.snapshot(async (snapshot) => {
      const found: unknown[] = [];
      const wanted = join(['a', 'c']);
      for await (const row of snapshot.rows(sql`SELECT name FROM notes WHERE name IN (${wanted})`)) {
        found.push(row.name);
      }
      return found.sort();
    });
    expect(names).toEqual(['a', 'c']);
  });

  it('can be left before its end', async () => {
    await write('a', 'b');
    await notes.database.snapshot(async (snapshot) => {
      const rows = snapshot.rows(sql`SELECT name FROM notes`)[Symbol.asyncIterator]();
      expect(await rows.next()).toMatchObject({ done: false });
      await rows.return?.();
      expect(await namesIn(snapshot)).toEqual(['a', 'b']);
    });
  });

  it('passes on why it was abandoned, and leaves the database as it was', async () => {
    const failing = notes.database.snapshot(async (snapshot) => {
      await namesIn(snapshot);
      throw new Error('enough');
    });
    await expect(failing).rejects.toThrow('enough');
    await write('a');
    expect(await notes.database.snapshot(namesIn)).toEqual(['a']);
  });

  it('orders by bytes, whatever the locale', async () => {
    await write('b', 'ä', 'B', 'a', 'Z', '_', '-');
    expect(await notes.database.snapshot(namesIn)).toEqual(['-', 'B', 'Z', '_', 'a', 'b', 'ä']);
  });
});
