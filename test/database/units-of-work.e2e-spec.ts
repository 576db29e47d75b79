import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { isStorageUnavailable, runDry, type Row, type Transaction } from '@latchkey/platform/database';
import sql from 'sql-template-tag';
import { describeEachDatabase } from '../support/databases.js';
import { note, NotesDatabase } from '../support/notes-database.js';

class Refusal extends Error {}

/** On a slow machine a write can wait too long for a connection. Stored twice, its name would be refused. */
async function whenThereIsAConnection(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isStorageUnavailable(error)) throw error;
    await whenThereIsAConnection(work);
  }
}

describeEachDatabase('Units of work', (dialect) => {
  let notes: NotesDatabase;

  const write = <T>(work: (tx: Transaction) => Promise<T>) => notes.database.transaction(work);

  beforeEach(async () => {
    notes = await NotesDatabase.open(dialect);
  });

  afterEach(() => notes.close());

  it('run their statements in order, give back their rows, and see what they wrote', async () => {
    const counts = await write(async (tx) => {
      const seen: unknown[] = [];
      for (const name of ['a', 'b', 'c']) {
        await note(tx, name);
        const rows = await tx.query(sql`SELECT name FROM notes ORDER BY name`);
        seen.push(rows.map((row) => row.name));
      }
      return seen;
    });
    expect(counts).toEqual([['a'], ['a', 'b'], ['a', 'b', 'c']]);
  });

  it('are durable when they resolve', async () => {
    await write((tx) => note(tx, 'a'));
    expect(await notes.committed()).toEqual(['a']);
  });

  it('have effects once they are stored, in order, before their callers hear of it; and none when they are not', async () => {
    const told: string[] = [];
    async function noteAndTell(tx: Transaction, name: string) {
      tx.afterCommit(() => void told.push(name));
      await note(tx, name);
    }
    await Promise.allSettled([
      write(async (tx) => {
        await noteAndTell(tx, 'a');
        await noteAndTell(tx, 'b');
      }).then(() => told.push('heard')),
      write(async (tx) => {
        await noteAndTell(tx, 'refused');
        throw new Refusal('no');
      }),
      runDry(notes.database, (tx) => noteAndTell(tx, 'tried out')),
    ]);
    expect(told).toEqual(['a', 'b', 'heard']);
    await Promise.allSettled([write((tx) => noteAndTell(tx, 'a'))]);
    expect(told).toHaveLength(3);
  });

  it('leave nothing when they throw, and lose nothing of those beside them', async () => {
    const outcomes = await Promise.allSettled([
      write((tx) => note(tx, 'before')),
      write(async (tx) => {
        await note(tx, 'refused-1');
        await note(tx, 'refused-2');
        throw new Refusal('no');
      }),
      write((tx) => note(tx, 'after')),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(outcomes[1]).toMatchObject({ reason: expect.any(Refusal) });
    expect(await notes.committed()).toEqual(['after', 'before']);
  });

  it('leave nothing when a statement of theirs fails, and the failure is no outage', async () => {
    await write((tx) => note(tx, 'taken'));
    const [, failed] = await Promise.allSettled([
      write((tx) => note(tx, 'beside')),
      write(async (tx) => {
        await note(tx, 'half');
        await note(tx, 'taken');
      }),
    ]);
    expect(failed.status).toBe('rejected');
    expect(isStorageUnavailable((failed as PromiseRejectedResult).reason)).toBe(false);
    expect(await notes.committed()).toEqual(['beside', 'taken']);
  });

  it('of one statement, which fails, leave nothing, and lose nothing of those beside them', async () => {
    const insert = (name: string) => notes.database.execute(sql`INSERT INTO notes (name) VALUES (${name})`);
    const two = (first: string, second: string) =>
      notes.database.execute(sql`INSERT INTO notes (name) VALUES (${first}), (${second})`);
    await insert('taken');
    const outcomes = await Promise.allSettled([
      insert('a'),
      two('half', 'taken'),
      write((tx) => note(tx, 'b')),
      insert('taken'),
      insert('c'),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    const [, failure] = outcomes;
    expect(isStorageUnavailable((failure as PromiseRejectedResult).reason)).toBe(false);
    expect(await notes.committed()).toEqual(['a', 'b', 'c', 'taken']);
  });

  it('are told of their refusal only once what it rests on is durable', async () => {
    let committedWhenTold: string[] = [];
    await Promise.all([
      write((tx) => note(tx, 'a')),
      write(async (tx) => {
        await tx.query(sql`SELECT 1`);
        throw new Refusal('no');
      }).catch(async () => {
        committedWhenTold = await notes.committed();
      }),
    ]);
    if (dialect === 'sqlite') expect(committedWhenTold).toEqual(['a']);
    expect(await notes.committed()).toEqual(['a']);
  });

  it('store nothing when the commit fails', async () => {
    const orphan = write(async (tx) => {
      await note(tx, 'beside-the-orphan');
      await note(tx, 'orphan', 'nobody');
    });
    await expect(orphan).rejects.toThrow();
    expect(await notes.committed()).toEqual([]);
    await write((tx) => note(tx, 'later'));
    expect(await notes.committed()).toEqual(['later']);
  });

  it('of independent steps are stored together or not at all, and give back what the last one returns', async () => {
    const named = (name: string) => ({
      sql: sql`INSERT INTO notes (name) VALUES (${name}) RETURNING name`,
      result: ([row]: Row[]) => row?.name,
    });
    const together = (...names: [string, string, ...string[]]) => {
      const [first, ...others] = names.map(named) as [ReturnType<typeof named>, ReturnType<typeof named>];
      return notes.database.writeTogether([first, ...others]);
    };
    expect(await together('a', 'b', 'c')).toBe('c');
    // Told by its code: the driver's errors may come from another realm, where they are no errors to Jest.
    const taken = { code: dialect === 'sqlite' ? 'SQLITE_CONSTRAINT_PRIMARYKEY' : '23505' };
    await expect(together('d', 'a')).rejects.toMatchObject(taken);
    await expect(together('a', 'e')).rejects.toMatchObject(taken);
    expect(await notes.committed()).toEqual(['a', 'b', 'c']);
  });

  it('are all durable, 200 at once', async () => {
    const names = Array.from({ length: 200 }, (_, index) => `note-${String(index).padStart(3, '0')}`);
    await Promise.all(names.map((name) => whenThereIsAConnection(() => write((tx) => note(tx, name)))));
    expect(await notes.committed()).toEqual(names);
  });

  it('do not overlap under a lock of the same name', async () => {
    const add = (name: string) =>
      write(async (tx) => {
        await tx.lock('counter');
        const rows = await tx.query(sql`SELECT name FROM notes`);
        await note(tx, `${String(rows.length).padStart(2, '0')}-${name}`);
      });
    await Promise.all(Array.from({ length: 20 }, () => add('x')));
    expect(await notes.committed()).toHaveLength(20);
  });

  it('keep their result when they have no statement', async () => {
    expect(await write(async () => 'nothing to do')).toBe('nothing to do');
  });
});
