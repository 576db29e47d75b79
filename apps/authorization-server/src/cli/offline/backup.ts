import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { backUpSqlite, describeDatabase, MissingDatabaseError } from '@latchkey/platform/database';
import { authorizationServerSchema } from '../../schema.js';
import type { Cli, JsonOption } from '../cli.js';
import { explainingFileErrors } from './explain-file-error.js';
import { sqlitePath } from './sqlite-path.js';
import { chooseDatabase } from './with-database.js';

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
