import type { Cli } from '../cli.js';
import type { CommandModule } from '../cli-command.js';
import { OFFLINE } from './groups.js';
import { jsonOption, ONLINE_HELP, type ApplyCommandOptions } from '../options.js';

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
    .runs(cli, () => Promise.resolve(run));
};

async function run(cli: Cli, options: ApplyCommandOptions): Promise<void> {
  const isOnline = options.online === true || options.profile !== undefined;
  if (isOnline) return (await import('../online/apply.js')).applyOnline(cli, options);
  return (await import('../offline/apply.js')).applyConfiguration(cli, options);
}
