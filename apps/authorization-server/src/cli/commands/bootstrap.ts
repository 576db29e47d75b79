import type { CommandModule } from '../cli-command.js';
import { OFFLINE } from './groups.js';
import { jsonOption } from '../options.js';

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
