import type { CommandModule } from '../cli-command.js';
import { ONLINE } from './groups.js';
import { listOptions } from './options.js';

export const auditEventsCommand: CommandModule = (program, cli) => {
  listOptions(program.subcommand('audit-events', 'read what happened, newest first'))
    .helpGroup(ONLINE)
    .option('--kind <kind>', 'such as login or client_updated')
    .option('--outcome <outcome>', 'success or failure')
    .option('--actor <id>', 'who did it: a client_id or a sub')
    .option('--subject <sub>', 'whom it concerns')
    .option('--client <client-id>', 'which client it concerns')
    .option('--since <time>', 'not before, as 2027-01-31T12:00:00Z')
    .option('--until <time>', 'before this time')
    .example('audit-events --kind login --outcome failure --since 2027-01-31T00:00:00Z', 'failed logins')
    .runs(cli, async () => (await import('../online/audit-events.js')).listAuditEvents);
};
