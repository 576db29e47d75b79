import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { afterCommit, isStorageUnavailable, rehearse, type Step } from '@latchkey/platform';
import sql from 'sql-template-tag';
import { describeEachDatabase } from '../support/databases.js';
import { note, NotesDatabase } from '../support/notes-database.js';

class Refusal extends Error {}

describeEachDatabase('Units of work', (dialect) => {
  let notes: NotesDatabase;

  const write = <T>(work: Parameters<typeof notes.database.write<T>>[0]) => notes.database.write(work);

  beforeEach(async () => {
    notes = await NotesDatabase.open(dialect);
  });

  afterEach(() => notes.close());

  it('run their statements in order, give back their rows, and see what they wrote', async () => {
    const counts = await write(function* () {
      const seen: unknown[] = [];
      for (const name of ['a', 'b', 'c']) {
        yield* note(name);
        const rows = yield sql`SELECT name FROM notes ORDER BY name`;
        seen.push(rows.map((row) => row.name));
      }
      return seen;
    });
    expect(counts).toEqual([['a'], ['a', 'b'], ['a', 'b', 'c']]);
  });

  it('are durable when they resolve', async () => {
    await write(() => note('a'));
    expect(await notes.committed()).toEqual(['a']);
  });

  it('have effects once they are stored, in order, before their callers hear of it; and none when they are not', async () => {
    const told: string[] = [];
    function* noteAndTell(name: string) {
      yield* afterCommit(() => void told.push(name));
      yield* note(name);
    }
    await Promise.allSettled([
      write(function* () {
        yield* noteAndTell('a');
        yield* noteAndTell('b');
      }).then(() => told.push('heard')),
      write(function* () {
        yield* noteAndTell('refused');
        throw new Refusal('no');
      }),
      rehearse(notes.database, () => noteAndTell('rehearsed')),
    ]);
    expect(told).toEqual(['a', 'b', 'heard']);
    await Promise.allSettled([write(() => noteAndTell('a'))]);
    expect(told).toHaveLength(3);
  });

  it('leave nothing when they throw, and lose nothing of those beside them', async () => {
    const outcomes = await Promise.allSettled([
      write(() => note('before')),
      write(function* () {
        yield* note('refused-1');
        yield* note('refused-2');
        throw new Refusal('no');
      }),
      write(() => note('after')),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(outcomes[1]).toMatchObject({ reason: expect.any(Refusal) });
    expect(await notes.committed()).toEqual(['after', 'before']);
  });

  it('leave nothing when a statement of theirs fails, and the failure is no outage', async () => {
    await write(() => note('taken'));
    const [, failed] = await Promise.allSettled([
      write(() => note('beside')),
      write(function* () {
        yield* note('half');
        yield* note('taken');
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
      write(() => note('b')),
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
      write(() => note('a')),
      write(function* () {
        yield sql`SELECT 1`;
        throw new Refusal('no');
      }).catch(async () => {
        committedWhenTold = await notes.committed();
      }),
    ]);
    if (dialect === 'sqlite') expect(committedWhenTold).toEqual(['a']);
    expect(await notes.committed()).toEqual(['a']);
  });

  it('store nothing when the commit fails', async () => {
    const orphan = write(function* () {
      yield* note('beside-the-orphan');
      yield* note('orphan', 'nobody');
    });
    await expect(orphan).rejects.toThrow();
    expect(await notes.committed()).toEqual([]);
    await write(() => note('later'));
    expect(await notes.committed()).toEqual(['later']);
  });

  it('of independent steps are stored together or not at all, and give back what the last one returns', async () => {
    const named = function* (name: string): Step<unknown> {
      const [row] = yield sql`INSERT INTO notes (name) VALUES (${name}) RETURNING name`;
      return row?.name;
    };
    expect(await notes.database.writeTogether(() => [note('a'), note('b'), named('c')])).toBe('c');
    // Told by its code: the driver's errors may come from another realm, where they are no errors to Jest.
    const taken = { code: dialect === 'sqlite' ? 'SQLITE_CONSTRAINT_PRIMARYKEY' : '23505' };
    await expect(notes.database.writeTogether(() => [note('d'), named('a')])).rejects.toMatchObject(taken);
    await expect(notes.database.writeTogether(() => [note('a'), named('e')])).rejects.toMatchObject(taken);
    expect(await notes.committed()).toEqual(['a', 'b', 'c']);
  });

  it('are all durable, 200 at once', async () => {
    const names = Array.from({ length: 200 }, (_, index) => `note-${String(index).padStart(3, '0')}`);
    await Promise.all(names.map((name) => write(() => note(name))));
    expect(await notes.committed()).toEqual(names);
  });

  it('do not overlap under a lock of the same name', async () => {
    const add = (name: string) =>
      write(function* () {
        yield* notes.database.lock('counter');
        const rows = yield sql`SELECT name FROM notes`;
        yield* note(`${String(rows.length).padStart(2, '0')}-${name}`);
      });
    await Promise.all(Array.from({ length: 20 }, () => add('x')));
    expect(await notes.committed()).toHaveLength(20);
  });

  it('keep their result when they yield nothing', async () => {
    expect(
      await write(function* () {
        return yield* [];
      }),
    ).toBeUndefined();
  });
});
