import { mkdtemp, open, rm, stat, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import BetterSqlite3 from 'better-sqlite3';
import pino from 'pino';
import sql, { raw } from 'sql-template-tag';
import type { Database, DatabaseSchema } from './database.js';
import { openDatabase } from './open-database.js';
import { StorageUnavailableError } from './storage-unavailable.js';

const NO_TABLES: DatabaseSchema = { migrationsTable: 'migrations', entities: [], migrations: [] };
const MIB = 1024 * 1024;
/** The value of `PRAGMA synchronous`. */
const NORMAL = 1;

/** Enough turns of the event loop for anything that does not wait for the disk. */
async function someTurns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await nextTurn();
}

describe('A database on SQLite', () => {
  let folder: string;
  let path: string;
  let database: Database;
  let reader: BetterSqlite3.Database;
  let flush: jest.SpiedFunction<FileHandle['datasync']>;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-sqlite-'));
    path = join(folder, 'a.sqlite');
    const handle = await open(join(folder, 'any'), 'w');
    flush = jest.spyOn(Object.getPrototypeOf(handle) as FileHandle, 'datasync');
    await handle.close();
    database = await openDatabase({ dialect: 'sqlite', path }, NO_TABLES, pino({ level: 'silent' }));
    await database.execute(sql`CREATE TABLE notes (text)`);
    reader = new BetterSqlite3(path, { readonly: true });
    flush.mockClear();
  });

  afterEach(async () => {
    flush.mockRestore();
    reader.close();
    await database.close();
    await rm(folder, { recursive: true });
  });

  const write = (text: unknown): Promise<unknown> =>
    database.execute(sql`INSERT INTO notes VALUES (${text})`);
  const committed = (): number => reader.prepare('SELECT count(*) FROM notes').pluck().get() as number;
  const logSize = async (): Promise<number> => (await stat(`${path}-wal`)).size;

  /** Lets the next flush wait, and does nothing but wait. */
  function holdNextFlush(): () => void {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    flush.mockImplementationOnce(() => held);
    return release;
  }

  it('tells nobody of a result, good or bad, before it is on the disk', async () => {
    const release = holdNextFlush();
    const settled: string[] = [];
    const writing = write('one').then(() => settled.push('written'));
    const refused = database
      .execute(sql`INSERT INTO nothing VALUES (1)`)
      .catch(() => settled.push('refused'));
    await someTurns();
    expect(committed()).toBe(1);
    expect(settled).toEqual([]);
    release();
    await Promise.all([writing, refused]);
    expect(settled).toEqual(['written', 'refused']);
  });

  it('lets what comes while it flushes share the next commit', async () => {
    const release = holdNextFlush();
    const first = write('one');
    await someTurns();
    const others = ['two', 'three', 'four'].map(write);
    await someTurns();
    expect(committed()).toBe(1);
    release();
    await Promise.all([first, ...others]);
    expect(committed()).toBe(4);
    expect(flush).toHaveBeenCalledTimes(2);
  });

  it('ends a batch that takes long, and goes on with the rest of it after a turn of the event loop', async () => {
    let clock = 0;
    const now = jest.spyOn(performance, 'now').mockImplementation(() => clock);
    const batches: number[] = [];
    const nothing = () => undefined;
    database.observer = {
      read: nothing,
      wrote: nothing,
      refused: nothing,
      committed: (units) => batches.push(units),
    };
    const slow = (text: string) =>
      database.transaction(async (tx) => {
        clock += 8;
        await tx.query(sql`INSERT INTO notes VALUES (${text})`);
        return text;
      });
    const texts = ['a', 'b', 'c', 'd', 'e'];
    expect(await Promise.all(texts.map(slow))).toEqual(texts);
    now.mockRestore();
    expect(batches).toEqual([2, 2, 1]);
    expect(reader.prepare('SELECT text FROM notes ORDER BY rowid').pluck().all()).toEqual(texts);
  });

  it('goes on answering reads while it flushes', async () => {
    const release = holdNextFlush();
    const writing = write('one');
    await someTurns();
    expect(await database.query(sql`SELECT text FROM notes`)).toEqual([{ text: 'one' }]);
    release();
    await writing;
  });

  it('writes nothing and is not ready from when a flush has failed', async () => {
    flush.mockRejectedValueOnce(Object.assign(new Error('i/o error'), { code: 'EIO' }));
    await expect(write('one')).rejects.toThrow(StorageUnavailableError);
    const before = committed();
    await expect(write('two')).rejects.toThrow(StorageUnavailableError);
    await expect(database.ping()).rejects.toThrow(StorageUnavailableError);
    expect(committed()).toBe(before);
    expect(flush).toHaveBeenCalledTimes(1);
  });

  it('fails a batch as one that could not be committed, and goes on', async () => {
    await database.execute(sql`PRAGMA max_page_count = ${raw('30')}`);
    const both = await Promise.allSettled([write('small'), write(Buffer.alloc(MIB))]);
    expect(both.map(({ status }) => status)).toContain('rejected');
    await database.execute(sql`PRAGMA max_page_count = ${raw('1000000')}`);
    const before = committed();
    await write('after');
    expect(committed()).toBe(before + 1);
  });

  it('copies the log to the database when it has grown, and begins it anew', async () => {
    for (let index = 0; index < 40; index++) await write(Buffer.alloc(MIB / 2));
    expect(await logSize()).toBeLessThan(5 * MIB);
    expect((await stat(path)).size).toBeGreaterThan(15 * MIB);
    expect(committed()).toBe(40);
    expect(reader.pragma('integrity_check', { simple: true })).toBe('ok');
  });

  it('lets nobody write before the database with the copy is on the disk', async () => {
    flush.mockResolvedValueOnce();
    const release = holdNextFlush();
    await write(Buffer.alloc(3 * MIB));
    const before = await logSize();
    const next = write('next');
    await someTurns();
    expect(committed()).toBe(1);
    release();
    await next;
    expect(committed()).toBe(2);
    expect(await logSize()).toBe(before);
  });

  it('writes nothing more when the database with the copy cannot be flushed', async () => {
    flush.mockResolvedValueOnce();
    flush.mockRejectedValueOnce(Object.assign(new Error('i/o error'), { code: 'EIO' }));
    await write(Buffer.alloc(3 * MIB));
    await expect(write('next')).rejects.toThrow(StorageUnavailableError);
    expect(committed()).toBe(1);
  });

  it('goes on flushing the beginning of its log after copying has failed', async () => {
    const pragma = Reflect.get(BetterSqlite3.prototype, 'pragma') as (...given: unknown[]) => unknown;
    const failing = jest.spyOn(BetterSqlite3.prototype, 'pragma');
    failing.mockImplementation(function (this: BetterSqlite3.Database, source, options) {
      if (source.includes('PASSIVE')) throw new BetterSqlite3.SqliteError('disk full', 'SQLITE_FULL');
      return pragma.call(this, source, options);
    });
    await write(Buffer.alloc(3 * MIB));
    await someTurns();
    failing.mockRestore();
    expect(await database.query(sql`PRAGMA synchronous`)).toEqual([{ synchronous: NORMAL }]);
    await write('next');
    expect(committed()).toBe(2);
  });

  it('keeps in the log what somebody still reads the state before of, and copies it later', async () => {
    reader.exec('BEGIN');
    expect(committed()).toBe(0);
    for (let index = 0; index < 20; index++) await write(Buffer.alloc(MIB / 2));
    expect(committed()).toBe(0);
    const grown = await logSize();
    expect(grown).toBeGreaterThan(10 * MIB);
    reader.exec('COMMIT');
    for (let index = 0; index < 40; index++) await write(Buffer.alloc(MIB / 2));
    expect(await logSize()).toBeLessThan(grown + 5 * MIB);
    expect(committed()).toBe(60);
  });

  it('rests after a read that examines many rows for as long as it took', async () => {
    const long = sql`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500000)
      SELECT max(i) FROM n`;
    const startedAt = performance.now();
    const first = database.examine(long).then(() => performance.now());
    const second = database.examine(sql`SELECT 1`).then(() => performance.now());
    const firstEnds = await first;
    expect((await second) - firstEnds).toBeGreaterThan((firstEnds - startedAt) / 2);
  });

  it('finishes what waits before it closes, and leaves one file that has everything', async () => {
    const writing = Promise.all(['one', 'two', 'three'].map(write));
    reader.close();
    await database.close();
    await writing;
    await expect(stat(`${path}-wal`)).rejects.toThrow('ENOENT');
    database = await openDatabase({ dialect: 'sqlite', path }, NO_TABLES, pino({ level: 'silent' }));
    expect(await database.query(sql`SELECT text FROM notes`)).toHaveLength(3);
  });
});
