import type { CommandModule } from '../cli-command.js';
import { ONLINE } from './groups.js';
import { listOptions } from './options.js';

export const passwordGrantUsageCommand: CommandModule = (program, cli) => {
  listOptions(program.subcommand('password-grant-usage [client-id]', 'see who still uses the password grant'))
    .helpGroup(ONLINE)
    .option('--since <time>', 'leave out whoever has not logged in since, as 2027-01-31T12:00:00Z')
    .example('password-grant-usage', 'the clients, and how many users each has')
    .example('password-grant-usage shop-backend', 'the users of one client')
    .runs(cli, async () => (await import('../online/password-grant-usage.js')).showUsage);
};
