import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { ForeignAwaitError, type Transaction } from '@latchkey/platform/database';
import sql from 'sql-template-tag';
import { describeEachDatabase } from '../support/databases.js';
import { Note, NotesDatabase } from '../support/notes-database.js';

describeEachDatabase('The entity manager of a transaction', (dialect) => {
  let notes: NotesDatabase;

  beforeEach(async () => {
    notes = await NotesDatabase.open(dialect);
  });

  afterEach(() => notes.close());

  const run = <T>(work: (tx: Transaction) => Promise<T>) => notes.database.transaction(work);

  it('writes and reads with the statements of the transaction, and commits with them', async () => {
    const seen = await run(async ({ manager }) => {
      await manager.insert(Note, [{ name: 'a' }, { name: 'b' }]);
      const { affected } = await manager.update(Note, { name: 'b' }, { parent: 'a' });
      await manager.save(Note, { name: 'c', parent: 'b' });
      const { affected: deleted } = await manager.delete(Note, { name: 'none' });
      const found = await manager.createQueryBuilder(Note, 'n').where('n.parent = :p', { p: 'a' }).getMany();
      return { affected, deleted, found };
    });
    expect(seen).toEqual({ affected: 1, deleted: 0, found: [{ name: 'b', parent: 'a' }] });
    expect(await notes.committed()).toEqual(['a', 'b', 'c']);
  });

  it('leaves nothing behind when the transaction fails, nor when a statement of its own does', async () => {
    const undone = run(async (tx) => {
      await tx.manager.insert(Note, { name: 'a' });
      throw new Error('no');
    });
    await expect(undone).rejects.toThrow('no');
    const caught = run(async (tx) => {
      await tx.manager.insert(Note, { name: 'a' });
      await tx.manager.insert(Note, { name: 'a' }).catch(() => undefined);
    });
    // By its code, as the driver gives it, and not as TypeORM wraps it.
    const taken = { code: dialect === 'sqlite' ? 'SQLITE_CONSTRAINT_PRIMARYKEY' : '23505' };
    await expect(caught).rejects.toMatchObject(taken);
    expect(await notes.committed()).toEqual([]);
  });

  it('does nothing once the transaction has ended', async () => {
    let kept: Transaction | null = null;
    const refused = run(async (tx) => {
      kept = tx;
      await new Promise((resolve) => setImmediate(resolve));
    });
    await expect(refused).rejects.toBeInstanceOf(ForeignAwaitError);
    const { manager } = kept as unknown as Transaction;
    await expect(manager.insert(Note, { name: 'late' })).rejects.toThrow('The transaction has ended');
    expect(await notes.committed()).toEqual([]);
  });

  it('sees no half of a transaction from outside', async () => {
    const counts: number[] = [];
    const reading = async (): Promise<void> => {
      for (let times = 0; times < 20; times++) counts.push(await notes.database.manager.count(Note));
    };
    const writing = Array.from({ length: 20 }, (_, index) =>
      run(async (tx) => {
        await tx.manager.insert(Note, { name: `${index} a` });
        await tx.query(sql`INSERT INTO notes (name) VALUES (${`${index} b`})`);
      }),
    );
    await Promise.all([reading(), ...writing, reading()]);
    expect(counts.filter((count) => count % 2 === 1)).toEqual([]);
    expect(await notes.database.manager.count(Note)).toBe(40);
  });

  it('makes an entity of a row of SQL, and back', async () => {
    await run(async (tx) => void (await tx.manager.insert(Note, { name: 'a', parent: null })));
    const [row] = await notes.database.query(sql`SELECT * FROM notes`);
    const note = notes.database.fromRow(Note, row ?? {});
    expect(note).toBeInstanceOf(Note);
    expect(notes.database.toRow(Note, note)).toEqual({ name: 'a', parent: null });
  });
});
