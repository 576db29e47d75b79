import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { assertNotNewer, inspectSqlite, restoreSqlite } from '@latchkey/platform/database';
import type { AuthorizationServerConfig } from '../../config/authorization-server-config.js';
import { existingMasterKey } from '../../config/development-master-key.js';
import { MASTER_KEY_CHECK } from '../../data-keys/data-key-initialiser.js';
import { MasterKey } from '../../data-keys/master-key.js';
import { authorizationServerSchema } from '../../schema.js';
import type { Cli, JsonOption } from '../cli.js';
import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-status.js';
import { revokeKeys } from './after-restore.js';
import { explainingFileErrors } from './explain-file-error.js';
import { sqlitePath } from './sqlite-path.js';
import { chooseDatabase } from './with-database.js';

/** Everything about the backup is checked, and its sessions have ended, before it takes the place of what is there. */
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

/** As if that file were the installation's database. */
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
