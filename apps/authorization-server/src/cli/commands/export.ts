import { Option } from 'commander';
import type { Cli } from '../cli.js';
import type { CommandModule } from '../cli-command.js';
import { OFFLINE } from './groups.js';
import { ONLINE_HELP, type ExportOptions } from '../options.js';

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
    .runs(cli, () => Promise.resolve(run));
};

async function run(cli: Cli, options: ExportOptions): Promise<void> {
  const isOnline = options.online === true || options.profile !== undefined;
  if (isOnline) return (await import('../online/export.js')).exportOnline(cli, options);
  return (await import('../offline/export.js')).exportConfiguration(cli, options);
}
