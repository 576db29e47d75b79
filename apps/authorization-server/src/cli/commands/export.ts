import { Option } from 'commander';
import type { CommandModule } from '../cli-command.js';
import { OFFLINE } from './groups.js';

export const exportCommand: CommandModule = (program, cli) => {
  program
    .subcommand('export', 'write scopes, clients and users as a configuration file')
    .helpGroup(OFFLINE)
    .option('-o, --output <file>', 'write to a file that only you can read (default: the standard output)')
    .addOption(new Option('--format <format>', 'notation').choices(['yaml', 'json']).default('yaml'))
    .option('--with-secrets', 'include the hashes of client secrets and passwords')
    .example('export -o latchkey.yaml', 'what there is, without secrets, for a version control')
    .example(
      'export --with-secrets | DATABASE_URL=postgres://... latchkey apply -f -',
      'reproduce it on another server, after `latchkey migrate` there: the same logins work',
    )
    .runs(cli, async () => (await import('../offline/export.js')).exportConfiguration);
};
