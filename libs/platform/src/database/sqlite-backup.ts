import { existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { SqliteLock } from './sqlite-lock.js';

/** The file is damaged, or is no database. */
export class DamagedDatabaseError extends Error {
  override readonly name = 'DamagedDatabaseError';
}

/** Longer than any commit of the server. */
const BUSY_MS = 10_000;

/**
 * Copies the current state of a database, even while a server is writing to it: SQLite reads in one transaction, which
 * neither waits for the writer nor blocks it (WAL). The copy is compact, checked, flushed to the disk, and readable by
 * its owner only.
 *
 * @throws an error with the code `EEXIST` when the file already exists; it is never overwritten
 * @throws DamagedDatabaseError
 */
export async function backUpSqlite(path: string, target: string): Promise<void> {
  await (await open(target, 'wx', 0o600)).close();
  try {
    copySqlite(path, target);
    inspectSqlite(target, () => undefined);
    await flush(target);
  } catch (error) {
    await rm(target, { force: true });
    throw error;
  }
}

/**
 * Replaces a database by a backup, completely or not at all. The previous database is kept beside it.
 *
 * @param prepare receives the path of the copy, changes it before servers can open it, and closes it
 * @returns the path of the previous database; `null` when there was none
 * @throws DatabaseInUseError when a server has the database open
 */
export async function restoreSqlite(
  backup: string,
  path: string,
  prepare: (copy: string) => Promise<void>,
): Promise<string | null> {
  const lock = SqliteLock.acquire(path);
  const unfinished = `${path}.restoring`;
  try {
    await removeSqlite(unfinished);
    await (await open(unfinished, 'wx', 0o600)).close();
    copySqlite(backup, unfinished);
    await prepare(unfinished);
    await flush(unfinished);
    const replaced = await moveAside(path);
    await rename(unfinished, path);
    await flush(dirname(path));
    return replaced;
  } finally {
    await removeSqlite(unfinished);
    lock.release();
  }
}

/** Includes changes that are only in the write-ahead log, as after a killed server. @param target an empty file */
function copySqlite(path: string, target: string): void {
  const source = new BetterSqlite3(path, { readonly: true, fileMustExist: true, timeout: BUSY_MS });
  try {
    // SQLite treats an empty file as a new one, and keeps its mode.
    source.prepare('VACUUM INTO ?').run(target);
  } finally {
    source.close();
  }
}

/** With all files that SQLite and {@link SqliteLock} keep beside it. */
async function removeSqlite(path: string): Promise<void> {
  for (const suffix of ['', '-wal', '-shm', '.lock']) await rm(path + suffix, { force: true });
}

/**
 * Reads a database file that no server uses, after checking all of its pages.
 *
 * @throws DamagedDatabaseError
 */
export function inspectSqlite<T>(path: string, read: (connection: BetterSqlite3.Database) => T): T {
  const connection = new BetterSqlite3(path, { readonly: true, fileMustExist: true });
  try {
    const findings = connection.pragma('integrity_check', { simple: true });
    if (findings !== 'ok') throw new DamagedDatabaseError(`${path} is damaged`);
    return read(connection);
  } catch (error) {
    const code = String((error as { code?: unknown }).code);
    if (!/^SQLITE_(NOTADB|CORRUPT)/.test(code)) throw error;
    throw new DamagedDatabaseError(`${path} is no SQLite database, or is damaged`, { cause: error });
  } finally {
    connection.close();
  }
}

/** With its write-ahead log, which belongs to the database by its file name. */
async function moveAside(path: string): Promise<string | null> {
  if (!existsSync(path)) return null;
  const aside = `${path}.replaced-${new Date().toISOString().replaceAll(':', '-')}`;
  for (const suffix of ['-wal', '-shm', '']) {
    if (existsSync(path + suffix)) await rename(path + suffix, aside + suffix);
  }
  return aside;
}

async function flush(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
