import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { backUpSqlite } from '@latchkey/platform';
import { loadConfig } from '../../config/load-config.js';
import type { Cli } from '../cli.js';
import type { JsonOption } from '../commands/options.js';
import { explainingFileErrors } from './explain-file-error.js';
import { sqlitePath } from './sqlite-path.js';

export async function backUp(cli: Cli, file: string, { json = false }: JsonOption): Promise<void> {
  const target = resolve(file);
  await explainingFileErrors(target, async () => {
    await backUpSqlite(sqlitePath(loadConfig(cli.environment), 'pg_dump'), target);
  });
  const { size } = await stat(target);
  if (json) return cli.terminal.printJson({ file: target, bytes: size });
  await cli.terminal.print(`Wrote ${target} (${size} bytes).`);
  cli.terminal.note('It is of use with the master key only; keep that one elsewhere.');
}
