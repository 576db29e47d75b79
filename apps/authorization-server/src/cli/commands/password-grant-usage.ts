import type { CommandModule } from '../cli-command.js';
import { ONLINE } from './groups.js';
import { pastTime } from '../times.js';
import { listOptions } from '../options.js';

export const passwordGrantUsageCommand: CommandModule = (program, cli) => {
  listOptions(program.subcommand('password-grant-usage [client]', 'see who still uses the password grant'))
    .helpGroup(ONLINE)
    .option('--since <time>', 'only logins since then: a time, a date, or 90d for 90 days ago', pastTime)
    .example('password-grant-usage', 'the clients, and how many users each has')
    .example('password-grant-usage shop-backend', 'the users of one client')
    .runs(cli, async () => (await import('../online/password-grant-usage.js')).showUsage);
};
