import { Option } from 'commander';
import type { CommandModule } from '../cli-command.js';
import type { Cli } from '../cli.js';
import {
  jsonOption,
  ONLINE_HELP,
  OFFLINE,
  type ExportOptions,
  type ApplyCommandOptions,
} from '../options.js';

export const migrateCommand: CommandModule = (program, cli) => {
  program
    .subcommand('migrate', 'bring the database up to date: schema, data keys, built-in scopes')
    .helpGroup(OFFLINE)
    .addOption(jsonOption())
    .example('migrate', 'before the first start, or before the servers of a new version start')
    .runs(cli, async () => (await import('../offline/migrate.js')).migrate);
};

export const bootstrapCommand: CommandModule = (program, cli) => {
  program
    .subcommand('bootstrap', 'create the first client with all administrative scopes')
    .helpGroup(OFFLINE)
    .summary('create the first administrator')
    .option('--client-id <id>', 'its client_id (default: LATCHKEY_BOOTSTRAP_CLIENT_ID, or latchkey-admin)')
    .option('--secret-stdin', 'take its secret from the standard input')
    .addOption(jsonOption())
    .example('bootstrap', 'make a secret and show it, once')
    .example('bootstrap --secret-stdin < secret.txt', 'take a secret of your own')
    .runs(cli, async () => (await import('../offline/bootstrap.js')).bootstrap);
};

export const exportCommand: CommandModule = (program, cli) => {
  program
    .subcommand('export', 'write scopes, clients and users as a configuration file')
    .helpGroup(OFFLINE)
    .option('-o, --output <file>', 'write to a file that only you can read (default: the standard output)')
    .addOption(new Option('--format <format>', 'notation').choices(['yaml', 'json']).default('yaml'))
    .option('--online', ONLINE_HELP)
    .option('--profile <name>', 'the server and client of a stored profile; implies --online')
    .option('--with-secrets', 'include the hashes of client secrets and passwords')
    .example('export -o latchkey.yaml', 'what there is, without secrets, for a version control')
    .example(
      'export --with-secrets | DATABASE_URL=postgres://... latchkey apply -f -',
      'reproduce it on another server, after `latchkey migrate` there: the same logins work',
    )
    .example('export --online -o latchkey.yaml', 'the same from elsewhere, as a client of the server')
    .runs(cli, () => Promise.resolve(runExport));
};

async function runExport(cli: Cli, options: ExportOptions): Promise<void> {
  const isOnline = options.online === true || options.profile !== undefined;
  if (isOnline) return (await import('../online/export.js')).exportOnline(cli, options);
  return (await import('../offline/export.js')).exportConfiguration(cli, options);
}

export const applyCommand: CommandModule = (program, cli) => {
  program
    .subcommand(
      'apply',
      'bring scopes, clients and users to what a configuration file says: all of it or nothing',
    )
    .summary('bring scopes, clients and users to what a file says')
    .helpGroup(OFFLINE)
    .requiredOption('-f, --file <file>', 'the file, YAML or JSON; - is the standard input')
    .option('--online', ONLINE_HELP)
    .option('--profile <name>', 'the server and client of a stored profile; implies --online')
    .option('--dry-run', 'show what would change, and change nothing')
    .option('--prune', 'delete what the lists of the file do not name')
    .option('--yes', 'with --prune: delete without asking')
    .option('--again', 'also when it is the file that was applied last, to undo what was changed since')
    .option('--show-unchanged', 'name the entries that stay as they are, too')
    .addOption(jsonOption())
    .example('apply -f latchkey.yaml --dry-run', 'show the difference')
    .example('apply -f latchkey.yaml', 'make it so')
    .example('apply -f latchkey.yaml --prune', 'show what is not in the file, ask, and delete it')
    .example(
      'apply -f latchkey.yaml --online --dry-run',
      'show the difference from elsewhere, as a client of the server',
    )
    .runs(cli, () => Promise.resolve(runApply));
};

async function runApply(cli: Cli, options: ApplyCommandOptions): Promise<void> {
  const isOnline = options.online === true || options.profile !== undefined;
  if (isOnline) return (await import('../online/apply.js')).applyOnline(cli, options);
  return (await import('../offline/apply.js')).applyConfiguration(cli, options);
}

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
    .example('restore /var/backups/latchkey-monday.sqlite', 'the old database is kept beside it')
    .runs(cli, async () => (await import('../offline/backup.js')).restore);
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
    .runs(cli, async () => (await import('../offline/backup.js')).afterRestore);
};
