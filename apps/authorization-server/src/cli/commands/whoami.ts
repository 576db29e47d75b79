import type { CommandModule } from '../cli-command.js';
import { ONLINE } from './groups.js';
import { onlineOptions } from './options.js';

export const whoamiCommand: CommandModule = (program, cli) => {
  onlineOptions(
    program.subcommand('whoami', 'show the server, the client that commands act as, and what it may do'),
  )
    .helpGroup(ONLINE)
    .example('whoami --profile staging', 'what another profile is')
    .runs(cli, async () => (await import('../online/whoami.js')).whoAmI);
};
