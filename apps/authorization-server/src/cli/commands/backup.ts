import type { CommandModule } from '../cli-command.js';
import { OFFLINE } from './groups.js';
import { jsonOption } from '../options.js';

export const backupCommand: CommandModule = (program, cli) => {
  program
    .subcommand('backup <file>', 'copy an SQLite database as it is now, also while the server runs')
    .helpGroup(OFFLINE)
    .addOption(jsonOption())
    .example('backup /var/backups/latchkey-monday.sqlite', 'a new file, which only you can read')
    .runs(cli, async () => (await import('../offline/backup.js')).backUp);
};

export const restoreCommand: CommandModule = (program, cli) => {
  program
    .subcommand('restore <file>', 'put a backup in place of the SQLite database, and end every session in it')
    .helpGroup(OFFLINE)
    .addOption(jsonOption())
    .example('restore /var/backups/latchkey-monday.sqlite', 'what was there stays beside it')
    .runs(cli, async () => (await import('../offline/restore.js')).restore);
};

export const afterRestoreCommand: CommandModule = (program, cli) => {
  program
    .subcommand(
      'after-restore',
      'make new keys and refuse every token so far: after restoring PostgreSQL, or a failover that lost commits',
    )
    .summary('end every session that a restored database brought back')
    .helpGroup(OFFLINE)
    .option('--yes', 'without asking')
    .addOption(jsonOption())
    .example('after-restore', 'everybody logs in again; nothing revoked or spent comes back')
    .runs(cli, async () => (await import('../offline/after-restore.js')).afterRestore);
};
