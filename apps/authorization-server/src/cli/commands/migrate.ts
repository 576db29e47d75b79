import type { CommandModule } from '../cli-command.js';
import { OFFLINE } from './groups.js';
import { jsonOption } from '../options.js';

export const migrateCommand: CommandModule = (program, cli) => {
  program
    .subcommand('migrate', 'bring the database up to date: schema, data keys, built-in scopes')
    .helpGroup(OFFLINE)
    .addOption(jsonOption())
    .example('migrate', 'before the first start, or before the servers of a new version start')
    .runs(cli, async () => (await import('../offline/migrate.js')).migrate);
};
