import type { CommandModule } from '../cli-command.js';
import { OFFLINE } from './groups.js';
import { jsonOption } from './options.js';

export const applyCommand: CommandModule = (program, cli) => {
  program
    .subcommand(
      'apply',
      'bring scopes, clients and users to what a configuration file says: all of it or nothing',
    )
    .summary('bring scopes, clients and users to what a file says')
    .helpGroup(OFFLINE)
    .requiredOption('-f, --file <file>', 'the file, YAML or JSON; - is the standard input')
    .option('--dry-run', 'show what would change, and change nothing')
    .option('--prune', 'delete what the lists of the file do not name')
    .option('--yes', 'with --prune: delete without asking')
    .option('--again', 'also when it is the file that was applied last, to undo what was changed since')
    .option('--show-unchanged', 'name the entries that stay as they are, too')
    .addOption(jsonOption())
    .example('apply -f latchkey.yaml --dry-run', 'show the difference')
    .example('apply -f latchkey.yaml', 'make it so')
    .example('apply -f latchkey.yaml --prune', 'show what is not in the file, ask, and delete it')
    .runs(cli, async () => (await import('../offline/apply.js')).applyConfiguration);
};
