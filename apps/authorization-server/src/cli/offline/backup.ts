import {
  backUpSqlite,
  describeDatabase,
  MissingDatabaseError,
  assertNotNewer,
  inspectSqlite,
  restoreSqlite,
  DamagedDatabaseError,
} from '@latchkey/platform/database';
import { existsSync } from 'node:fs';
import { stat, mkdir } from 'node:fs/promises';
import { resolve, dirname } from 'node:path';
import type { AuthorizationServerConfig } from '../../config/authorization-server-config.js';
import { existingMasterKey } from '../../config/development-master-key.js';
import { MASTER_KEY_CHECK } from '../../data-keys/data-key-initialiser.js';
import { ROTATING_PURPOSES } from '../../data-keys/data-key.js';
import { DataKeysService } from '../../data-keys/data-keys.service.js';
import { MasterKey } from '../../data-keys/master-key.js';
import { DatabaseIdentity } from '../../database/settings.js';
import { authorizationServerSchema } from '../../schema.js';
import { CliError, EXIT } from '../cli-error.js';
import type { Cli, JsonOption } from '../cli.js';
import { agree, type AgreeOptions } from '../prompt.js';
import { explainingErrors, chooseDatabase } from './with-database.js';
import { withInstallation } from './with-installation.js';

export async function backUp(cli: Cli, file: string, { json = false }: JsonOption): Promise<void> {
  const target = resolve(file);
  const config = await chooseDatabase(cli);
  await explainingFileErrors(target, async () => {
    const path = sqlitePath(config, 'pg_dump');
    if (!existsSync(path))
      throw new MissingDatabaseError(
        authorizationServerSchema,
        `There is no ${describeDatabase(config.databaseUrl)}`,
      );
    await backUpSqlite(path, target);
  });
  const { size } = await stat(target);
  if (json) return cli.terminal.printJson({ file: target, bytes: size });
  await cli.terminal.print(`Wrote ${target} (${size} bytes).`);
  cli.terminal.note('It is of use with the master key only; keep that one elsewhere.');
}

/**
 * @param instead PostgreSQL's own tool for the same
 * @throws CliError where the database is not SQLite
 */
function sqlitePath({ databaseUrl }: AuthorizationServerConfig, instead: string): string {
  if (databaseUrl.dialect === 'sqlite') return databaseUrl.path;
  throw CliError.usage('DATABASE_URL is PostgreSQL', `Use ${instead}; see docs/operations.md.`);
}

/** Checks the backup and ends its sessions before it replaces the current database. */
export async function restore(cli: Cli, file: string, { json = false }: JsonOption): Promise<void> {
  const backup = resolve(file);
  const config = await chooseDatabase(cli);
  const replaced = await explainingFileErrors(backup, async () => {
    const path = sqlitePath(config, 'pg_restore, then latchkey after-restore');
    assertUsable(backup, config);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    return restoreSqlite(backup, path, (copy) => revokeKeys(cli, at(copy, config), 'restore'));
  });
  if (json) return cli.terminal.printJson({ restored: backup, replaced });
  await cli.terminal.print(`Restored ${backup}.`);
  if (replaced === null) cli.terminal.note('There was no database in this place before.');
  else await cli.terminal.print(`What was there is now ${replaced}.`);
  cli.terminal.note('Every session has ended: everybody logs in again.');
}

/** The configuration with this file as the installation's database. */
function at(path: string, config: AuthorizationServerConfig): AuthorizationServerConfig {
  return { ...config, databaseUrl: { dialect: 'sqlite', path } };
}

function assertUsable(backup: string, { masterKey, dataDirectory }: AuthorizationServerConfig): void {
  const checkValue = inspectSqlite(backup, (connection) => {
    const column = <T>(statement: string, ...values: string[]): T[] =>
      connection
        .prepare(statement)
        .pluck()
        .all(...values) as T[];
    const isOurs = column<string>(`SELECT name FROM sqlite_master WHERE type = 'table'`).includes(
      authorizationServerSchema.migrationsTable,
    );
    if (!isOurs) throw new CliError(`${backup} is not a database of an authorization server`);
    assertNotNewer(
      column<string>(`SELECT name FROM ${authorizationServerSchema.migrationsTable}`),
      authorizationServerSchema,
    );
    return column<string>('SELECT value FROM settings WHERE name = ?', MASTER_KEY_CHECK)[0];
  });
  if (checkValue === undefined) return;
  const key = masterKey ?? existingMasterKey(dataDirectory);
  if (key === null || !new MasterKey(key).recognises(checkValue)) {
    throw new CliError(
      `${backup} was made under another master key`,
      EXIT.failed,
      'Set LATCHKEY_MASTER_KEY to the one of that time (in development: put its master.key back into ' +
        'LATCHKEY_DATA_DIR); it can be replaced afterwards.',
    );
  }
}

/** Ends every session that a restored database, or a standby with an older state, has brought back. */
export async function afterRestore(
  cli: Cli,
  { json = false, ...options }: JsonOption & AgreeOptions,
): Promise<void> {
  const config = await chooseDatabase(cli);
  await agree(cli, 'End every session, so that everybody logs in again?', options);
  await revokeKeys(cli, config, 'after-restore');
  if (json) return cli.terminal.printJson({ revoked: ROTATING_PURPOSES });
  await cli.terminal.print('Made new keys. Every token so far is refused: everybody logs in again.');
  cli.terminal.note('Servers that are running follow within ten seconds; start them anew to be sure.');
}

/** @param actor for the audit log */
function revokeKeys(cli: Cli, config: AuthorizationServerConfig, actor: string): Promise<void> {
  return withInstallation(cli, config, { migrate: true, create: false }, async ({ get, database }) => {
    // First, because revoking keys makes listeners of the feed reconnect, and they must then see the new name.
    await database.transaction((tx) => get(DatabaseIdentity).renew(tx));
    await get(DataKeysService).revoke(ROTATING_PURPOSES, { actor, address: null, requestId: null });
  });
}

const REASONS: Readonly<Record<string, string>> = {
  EEXIST: 'there is such a file already, and it is not overwritten',
  ENOENT: 'there is no such file or folder',
  EACCES: 'access is denied',
  EISDIR: 'it is a folder',
  ENOSPC: 'the disk is full',
};

/** Runs work on a database file, and explains problems of the file. @throws CliError */
function explainingFileErrors<T>(file: string, work: () => Promise<T>): Promise<T> {
  return explainingErrors(async () => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof DamagedDatabaseError) {
        throw new CliError(error.message, EXIT.failed, null, { cause: error });
      }
      const { code, syscall } = error as NodeJS.ErrnoException;
      if (code === undefined || syscall === undefined) throw error;
      const reason = REASONS[code] ?? code;
      throw new CliError(`${file} cannot be used: ${reason}`, EXIT.failed, null, { cause: error });
    }
  });
}
