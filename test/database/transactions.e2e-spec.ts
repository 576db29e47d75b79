import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import {
  ForeignAwaitError,
  isStorageUnavailable,
  runInOrder,
  type Row,
  type Transaction,
} from '@latchkey/platform/database';
import sql from 'sql-template-tag';
import { describeEachDatabase } from '../support/databases.js';
import { NotesDatabase } from '../support/notes-database.js';

class Refusal extends Error {}

describeEachDatabase('A transaction', (dialect) => {
  let notes: NotesDatabase;

  beforeEach(async () => {
    notes = await NotesDatabase.open(dialect);
  });

  afterEach(() => notes.close());

  // By its code: the driver's errors may come from another realm, where they are no errors to Jest.
  const taken = { code: dialect === 'sqlite' ? 'SQLITE_CONSTRAINT_PRIMARYKEY' : '23505' };
  const run = <T>(work: (tx: Transaction) => Promise<T>) => notes.database.transaction(work);
  const add = (tx: Transaction, name: string) => tx.query(sql`INSERT INTO notes (name) VALUES (${name})`);
  const names = async (tx: Transaction) =>
    (await tx.query<{ name: string }>(sql`SELECT name FROM notes ORDER BY name`)).map(({ name }) => name);

  it('has typed rows, sees what it wrote, and resolves with what it returns', async () => {
    const seen = await run(async (tx) => {
      await add(tx, 'b');
      await add(tx, 'a');
      return names(tx);
    });
    expect(seen).toEqual(['a', 'b']);
    expect(await notes.committed()).toEqual(['a', 'b']);
  });

  it('stores nothing when it throws, also before it has awaited anything', async () => {
    const refused = run(async (tx) => {
      await add(tx, 'a');
      throw new Refusal('no');
    });
    await expect(refused).rejects.toBeInstanceOf(Refusal);
    const refusedAtOnce = run(() => {
      throw new Refusal('at once');
    });
    await expect(refusedAtOnce).rejects.toBeInstanceOf(Refusal);
    expect(await notes.committed()).toEqual([]);
  });

  it('goes on after an error of its own that it catches', async () => {
    await run(async (tx) => {
      try {
        await add(tx, 'a');
        throw new Refusal('no');
      } catch {
        await add(tx, 'b');
      }
    });
    expect(await notes.committed()).toEqual(['a', 'b']);
  });

  it('fails with the error of a statement that failed, also when it catches it', async () => {
    await run((tx) => add(tx, 'taken'));
    let second: unknown;
    const caught = run(async (tx) => {
      await add(tx, 'a');
      await add(tx, 'taken').catch(() => undefined);
      second = await add(tx, 'b').catch((error: unknown) => error);
      return 'went on';
    });
    await expect(caught).rejects.toMatchObject(taken);
    expect(second).toMatchObject(taken);
    const replaced = run(async (tx) => {
      await add(tx, 'taken').catch(() => {
        throw new Refusal('instead');
      });
    });
    await expect(replaced).rejects.toMatchObject(taken);
    expect(await notes.committed()).toEqual(['taken']);
  });

  it('may run statements at the same time, and promises that wait for nothing', async () => {
    await run(async (tx) => {
      await Promise.all(['a', 'b', 'c'].map((name) => add(tx, name)));
      await Promise.resolve().then(() => undefined);
      await add(tx, 'd');
    });
    expect(await notes.committed()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('that awaits anything else is refused at once, and those beside it are stored', async () => {
    const never = new Promise<void>(() => undefined);
    const outcomes = await Promise.allSettled([
      run((tx) => add(tx, 'before')),
      run(async (tx) => {
        await add(tx, 'foreign');
        await never;
      }),
      run(() => never),
      run(async (tx) => {
        await Promise.all([add(tx, 'foreign'), never]);
      }),
      run((tx) => add(tx, 'after')),
    ]);
    const refused = { status: 'rejected', reason: expect.any(ForeignAwaitError) };
    const stored = { status: 'fulfilled' };
    expect(outcomes).toMatchObject([stored, refused, refused, refused, stored]);
    expect(isStorageUnavailable((outcomes[1] as PromiseRejectedResult).reason)).toBe(false);
    expect(await notes.committed()).toEqual(['after', 'before']);
  });

  it('that was refused writes nothing when it goes on later, into no transaction', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let late: Promise<unknown> = Promise.resolve();
    const refused = run(async (tx) => {
      await add(tx, 'early');
      await held;
      late = add(tx, 'late').catch((error: unknown) => error);
      await late;
    });
    await expect(refused).rejects.toBeInstanceOf(ForeignAwaitError);
    await run(async (tx) => {
      await add(tx, 'of another one');
      release();
      for (let turn = 0; turn < 5; turn++) await Promise.resolve();
      await add(tx, 'more of it');
    });
    expect(await late).toMatchObject({ message: 'The transaction has ended' });
    expect(await notes.committed()).toEqual(['more of it', 'of another one']);
  });

  it('may not await the database around itself', async () => {
    const reading = run(async (tx) => {
      await add(tx, 'a');
      return notes.database.query(sql`SELECT name FROM notes`);
    });
    await expect(reading).rejects.toBeInstanceOf(ForeignAwaitError);
    let inner: Promise<unknown> = Promise.resolve();
    const outer = run(async (tx) => {
      await add(tx, 'a');
      inner = run((another) => add(another, 'another one'));
      await inner;
    });
    await expect(outer).rejects.toBeInstanceOf(ForeignAwaitError);
    await inner;
    expect(await notes.committed()).toEqual(['another one']);
  });

  it('is seen from outside as a whole or not at all', async () => {
    const readings: Promise<unknown[]>[] = [];
    const read = () => readings.push(notes.database.query(sql`SELECT name FROM notes`));
    const two = (first: string, second: string) =>
      run(async (tx) => {
        read();
        await add(tx, first);
        read();
        await Promise.resolve().then(read);
        await add(tx, second);
        read();
      });
    read();
    await Promise.all([two('a', 'b'), two('c', 'd')]);
    const counts = (await Promise.all(readings)).map(({ length }) => length);
    expect(counts).toHaveLength(9);
    for (const count of counts) expect([0, 2, 4]).toContain(count);
    if (dialect === 'sqlite') expect(counts.slice(1)).toEqual(Array(8).fill(4));
  });

  it('runs prepared statements in order, with what follows once they are stored', async () => {
    const followed: string[] = [];
    const insert = (name: string) => ({
      sql: sql`INSERT INTO notes (name) VALUES (${name}) RETURNING name`,
      result: ([row]: Row[]) => row?.name,
      afterCommit: () => void followed.push(name),
    });
    const last = await run(async (tx) => {
      await tx.run(insert('a'));
      const name = await runInOrder(tx, [insert('b'), insert('c')]);
      expect(followed).toEqual([]);
      return name;
    });
    expect([last, followed]).toEqual(['c', ['a', 'b', 'c']]);
    await expect(run((tx) => runInOrder(tx, [insert('d'), insert('a')]))).rejects.toMatchObject(taken);
    expect(followed).toHaveLength(3);
    expect(await notes.committed()).toEqual(['a', 'b', 'c']);
  });

  it('cannot be used once it has ended', async () => {
    const kept = await run(async (tx) => tx);
    await expect(add(kept, 'late')).rejects.toThrow('has ended');
    await nextTurn();
    expect(await notes.committed()).toEqual([]);
  });

  it('has its results as soon as those of others that wait with it, in one commit on SQLite', async () => {
    const shared: number[] = [];
    const nothing = () => undefined;
    notes.database.observer = {
      read: nothing,
      wrote: nothing,
      refused: nothing,
      committed: (transactions) => shared.push(transactions),
    };
    const many = Array.from({ length: 20 }, (_, index) => `note-${String(index).padStart(2, '0')}`);
    await Promise.all(
      many.map((name) =>
        run(async (tx) => {
          await add(tx, name);
          return names(tx);
        }),
      ),
    );
    expect(await notes.committed()).toEqual(many);
    if (dialect === 'sqlite') expect(shared).toEqual([20]);
  });
});
