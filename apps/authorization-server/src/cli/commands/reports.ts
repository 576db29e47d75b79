import { AUDIT_KINDS, AUDIT_OUTCOMES } from '../../audit/audit-event.js';
import type { CommandModule } from '../cli-command.js';
import { listOptions, ONLINE } from '../options.js';
import { listCommand, type Resource } from '../resource.js';
import { pastTime } from '../times.js';

const AUDIT_EVENTS: Resource = {
  area: 'audit',
  path: 'audit-events',
  columns: [
    { name: 'occurred_at', title: 'TIME' },
    'kind',
    { name: 'outcome', tone: (outcome) => (outcome === 'failure' ? 'bad' : null) },
    'actor',
    'subject',
    'client_id',
    'address',
    'count',
    { name: 'detail', isText: true },
  ],
  filters: [
    { flags: '--kind <kind>', help: 'such as login or client_updated', choices: AUDIT_KINDS },
    { flags: '--outcome <outcome>', help: 'how it ended', choices: AUDIT_OUTCOMES },
    {
      flags: '--actor <who>',
      help: 'who did it: a user or a client, by name or id, or a part of the server',
      names: 'actor',
    },
    { flags: '--subject <user>', help: 'whom it concerns, by name or by sub', names: 'user' },
    {
      flags: '--client <client>',
      help: 'which client it concerns, by client_id or by name',
      parameter: 'client_id',
      names: 'client',
    },
    { flags: '--since <time>', help: 'not before: a time, a date, or 1h for an hour ago', parse: pastTime },
    { flags: '--until <time>', help: 'before this time', parse: pastTime },
  ],
};

export const auditEventsCommand: CommandModule = (program, cli) => {
  const command = program.subcommand('audit-events', 'read what happened, newest first').helpGroup(ONLINE);
  listCommand(command, cli, AUDIT_EVENTS)
    .example('audit-events --kind login --outcome failure --since 1h', 'failed logins of the last hour')
    .example('audit-events --subject alice --since 2027-01-31', 'what happened to alice since that day');
};

const USAGE_COLUMNS = ['logins', { name: 'last_login_at', title: 'LAST LOGIN' }];
const CLIENT_COLUMNS = [
  'client_id',
  { name: 'password_grant_until', title: 'UNTIL' },
  'users',
  { name: 'without_second_factor', title: 'NO 2ND FACTOR' },
  ...USAGE_COLUMNS,
];
const USER_COLUMNS = ['username', 'sub', ...USAGE_COLUMNS];

/** The clients that still use the password grant, or the users of one of them. */
export const passwordGrantUsageCommand: CommandModule = (program, cli) => {
  listOptions(program.subcommand('password-grant-usage [client]', 'see who still uses the password grant'))
    .helpGroup(ONLINE)
    .option('--since <time>', 'only logins since then: a time, a date, or 90d for 90 days ago', pastTime)
    .example('password-grant-usage', 'the clients, and how many users each has')
    .example('password-grant-usage shop-backend', 'the users of one client')
    .runsOnline(cli, async (session, client: string | undefined, { since }: { since?: string }) => {
      const path = 'password-grant-usage';
      if (client === undefined) return session.list('clients', { path, query: { since } }, CLIENT_COLUMNS);
      const id = encodeURIComponent(await session.names.idOf('client', client));
      return session.list('clients', { path: `${path}/${id}/users`, query: { since } }, USER_COLUMNS);
    });
};
