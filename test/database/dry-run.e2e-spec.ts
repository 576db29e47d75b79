import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { runDry } from '@latchkey/platform/database';
import sql from 'sql-template-tag';
import { describeEachDatabase } from '../support/databases.js';
import { note, NotesDatabase } from '../support/notes-database.js';

describeEachDatabase('A dry run', (dialect) => {
  let notes: NotesDatabase;

  beforeEach(async () => {
    notes = await NotesDatabase.open(dialect);
  });

  afterEach(() => notes.close());

  it('sees what it writes, returns what it found, and leaves nothing behind', async () => {
    const seen = await runDry(notes.database, async (tx) => {
      await note(tx, 'a');
      return await tx.query(sql`SELECT name FROM notes`);
    });
    expect(seen).toEqual([{ name: 'a' }]);
    expect(await notes.committed()).toEqual([]);
  });

  it('does not undo what is written beside it', async () => {
    await Promise.all([
      notes.database.transaction((tx) => note(tx, 'before')),
      runDry(notes.database, (tx) => note(tx, 'tried out')),
      notes.database.transaction((tx) => note(tx, 'after')),
    ]);
    expect(await notes.committed()).toEqual(['after', 'before']);
  });

  it('fails like the unit of work', async () => {
    const failing = runDry(notes.database, async (tx) => {
      await note(tx, 'a');
      throw new TypeError('no');
    });
    await expect(failing).rejects.toThrow(TypeError);
    expect(await notes.committed()).toEqual([]);
  });
});
