import { Option } from 'commander';
import { AUDIT_KINDS, AUDIT_OUTCOMES } from '../../audit/audit-event.js';
import type { CommandModule } from '../cli-command.js';
import { ONLINE } from './groups.js';
import { pastTime } from '../times.js';
import { listOptions } from '../options.js';

export const auditEventsCommand: CommandModule = (program, cli) => {
  listOptions(program.subcommand('audit-events', 'read what happened, newest first'))
    .helpGroup(ONLINE)
    .addOption(new Option('--kind <kind>', 'such as login or client_updated').choices(AUDIT_KINDS))
    .addOption(new Option('--outcome <outcome>', 'how it ended').choices(AUDIT_OUTCOMES))
    .option('--actor <who>', 'who did it: a user or a client, by name or id, or a part of the server')
    .option('--subject <user>', 'whom it concerns, by name or by sub')
    .option('--client <client>', 'which client it concerns, by client_id or by name')
    .option('--since <time>', 'not before: a time, a date, or 1h for an hour ago', pastTime)
    .option('--until <time>', 'before this time', pastTime)
    .example('audit-events --kind login --outcome failure --since 1h', 'failed logins of the last hour')
    .example('audit-events --subject alice --since 2027-01-31', 'what happened to alice since that day')
    .runs(cli, async () => (await import('../online/audit-events.js')).listAuditEvents);
};
