import { OutdatedSchemaError } from '@latchkey/platform/database';
import type { AuthorizationServerConfig } from '../../config/authorization-server-config.js';
import type { Cli } from '../cli.js';
import { chooseDatabase, withDatabase } from './with-database.js';
import { withInstallation } from './with-installation.js';

/** Updates the schema of the database, and shows which migrations were run. */
export async function migrate(cli: Cli, { json = false }: { json?: boolean }): Promise<void> {
  const config = await chooseDatabase(cli);
  const pending = await pendingMigrations(cli, config);
  await withInstallation(cli, config, { migrate: true, create: true }, () => Promise.resolve());
  if (json) return cli.terminal.printJson({ migrations: pending });
  if (pending.length === 0) return cli.terminal.print('The database is up to date.');
  await cli.terminal.print(`Ran ${pending.length} migrations:`, ...pending.map((name) => `  ${name}`));
}

async function pendingMigrations(cli: Cli, config: AuthorizationServerConfig): Promise<readonly string[]> {
  try {
    await withDatabase(cli, config, { migrate: false, create: false }, () => Promise.resolve());
    return [];
  } catch (error) {
    const { cause } = error as { cause?: unknown };
    if (cause instanceof OutdatedSchemaError) return cause.pending;
    throw error;
  }
}
