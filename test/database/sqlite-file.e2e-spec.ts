import type { ChildProcess } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DatabaseInUseError, StorageUnavailableError } from '@latchkey/platform/database';
import { endChild, runInChild } from '../support/child-process.js';
import { note, NotesDatabase } from '../support/notes-database.js';
import { startStack } from '../support/stack.js';

/** Begins a transaction on a file and keeps it. */
const HOLD = `
  import BetterSqlite3 from 'better-sqlite3';
  const [path, begin] = process.argv.slice(-2);
  const connection = new BetterSqlite3(path);
  connection.exec(begin);
  console.log('held');
  process.stdin.resume();
`;

describe('An SQLite file', () => {
  let notes: NotesDatabase;
  let child: ChildProcess | undefined;

  const path = () => notes.url.replace('sqlite:', '');

  beforeEach(async () => {
    notes = await NotesDatabase.open('sqlite');
  });

  afterEach(async () => {
    if (child !== undefined) await endChild(child, 'SIGKILL');
    child = undefined;
    await notes.close();
  });

  it('is served by one process at a time', async () => {
    await expect(notes.openAgain()).rejects.toBeInstanceOf(DatabaseInUseError);
    await notes.database.transaction((tx) => note(tx, 'undisturbed'));
    expect(await notes.committed()).toEqual(['undisturbed']);
  });

  it('is free again after the server has closed it', async () => {
    await notes.database.transaction((tx) => note(tx, 'kept'));
    await notes.database.close();
    const again = await notes.openAgain();
    await again.transaction((tx) => note(tx, 'more'));
    expect(await notes.committed()).toEqual(['kept', 'more']);
    await again.close();
  });

  it('refuses a second authorization server in words that help', async () => {
    const database = { dialect: 'sqlite', url: notes.url, drop: () => Promise.resolve() } as const;
    await expect(startStack('sqlite', { database })).rejects.toThrow(/in use by another process.*PostgreSQL/);
  });

  it('is free again after the process that served it was killed', async () => {
    await notes.database.close();
    child = await runInChild(HOLD, `${path()}.lock`, 'PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    await expect(notes.openAgain()).rejects.toBeInstanceOf(DatabaseInUseError);
    await endChild(child, 'SIGKILL');
    const again = await notes.openAgain();
    await again.close();
  });

  describe('when another process keeps it locked', () => {
    beforeEach(async () => {
      child = await runInChild(HOLD, path(), 'BEGIN IMMEDIATE');
    });

    it('makes every unit of work of the batch fail as an outage, and stores none', async () => {
      const outcomes = await Promise.allSettled([
        notes.database.transaction((tx) => note(tx, 'a')),
        notes.database.transaction((tx) => note(tx, 'b')),
        notes.database.transaction(async (tx) => {
          await note(tx, 'c');
          throw new Error('refused anyway');
        }),
      ]);
      for (const outcome of outcomes) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(StorageUnavailableError) });
      }
      expect(await notes.committed()).toEqual([]);
      if (child !== undefined) await endChild(child, 'SIGKILL');
      await notes.database.transaction((tx) => note(tx, 'd'));
      expect(await notes.committed()).toEqual(['d']);
    });

    it('can still be read', async () => {
      await notes.database.ping();
      expect(await notes.committed()).toEqual([]);
    });
  });

  it('makes the whole batch fail as an outage when the commit itself fails', async () => {
    const outcomes = await Promise.allSettled([
      notes.database.transaction((tx) => note(tx, 'beside')),
      notes.database.transaction((tx) => note(tx, 'orphan', 'nobody')),
    ]);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(StorageUnavailableError) });
    }
    expect(await notes.committed()).toEqual([]);
  });

  it('keeps what was written just before it was closed', async () => {
    const written = notes.database.transaction((tx) => note(tx, 'last'));
    await notes.database.close();
    await written;
    expect(await notes.committed()).toEqual(['last']);
  });
});
