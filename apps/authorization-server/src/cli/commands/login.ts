import type { CommandModule } from '../cli-command.js';
import { ONLINE } from './groups.js';
import { jsonOption } from '../options.js';

export const loginCommand: CommandModule = (program, cli) => {
  program
    .subcommand('login <username>', 'try a login as a client would: shows what it gets, and ends it again')
    .helpGroup(ONLINE)
    .requiredOption('--client-id <id>', 'the client to log in through; its secret is asked for')
    .option('--url <url>', 'the server (default: LATCHKEY_URL)')
    .option('--scope <words>', 'what to ask for')
    .option('--keep', 'do not end it: the login stays in the list of authorizations')
    .option('--secrets-stdin', 'take the client secret and the password from two lines of the standard input')
    .addOption(jsonOption())
    .example('login alice --client-id shop-backend', 'does alice get in, and with which scopes?')
    .runs(cli, async () => (await import('../online/login.js')).tryLogin);
};
