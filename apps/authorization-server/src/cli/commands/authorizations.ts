import type { AuthorizationStateName } from '../../authorizations/liveness.js';
import type { CommandModule } from '../cli-command.js';
import { CliError } from '../cli-error.js';
import { onlineOptions, ONLINE } from '../options.js';
import { visible } from '../output/visible.js';
import { find, ResourceCommands, type Resource } from '../resource.js';

const STATES = ['live', 'revoked', 'expired', 'ended'] as const satisfies readonly AuthorizationStateName[];

const AUTHORIZATIONS: Resource = {
  area: 'authorizations',
  path: 'authorizations',
  columns: [
    'id',
    { name: 'username', title: 'USER' },
    'client_id',
    { name: 'state', tone: (state) => (state === 'live' ? 'good' : null) },
    { name: 'created_at', title: 'SINCE' },
    'last_used_at',
    'expires_at',
    'address',
    { name: 'scope', isText: true },
  ],
  filters: [
    { flags: '--user <user>', help: 'of this user, by name or by sub' },
    {
      flags: '--client <client>',
      help: 'through this client, by client_id or by name',
      parameter: 'client_id',
      names: 'client',
    },
    { flags: '--state <state>', help: 'only these', choices: STATES },
  ],
};

export const authorizationsCommand: CommandModule = (program, cli) => {
  const group = program
    .subcommand('authorizations', 'see who is logged in through which client, and end it')
    .helpGroup(ONLINE);
  const authorizations = new ResourceCommands(group, cli, AUTHORIZATIONS);
  authorizations.list('list logins, newest first');
  authorizations.show('show <id>', 'show one login');
  onlineOptions(group.subcommand('revoke [id]', 'end one login, all of a user, or all of a client'))
    .option('--user <user>', 'all of this user, by name or by sub')
    .option('--client <client>', 'all of this client, by client_id or by name')
    .option('--yes', 'without asking')
    .example('authorizations revoke --user alice', 'end all sessions of alice')
    .runsOnline(cli, async (session, id: string | undefined, { user, client }: Whose) => {
      if ([id, user, client].filter((each) => each !== undefined).length !== 1) {
        throw CliError.usage('Which ones?', 'Give an id, or --user, or --client: exactly one of them.');
      }
      if (id !== undefined) {
        const { path } = await find(session, AUTHORIZATIONS, id);
        await session.request('authorizations', { method: 'DELETE', path });
      } else {
        const clientId = client && (await session.names.idOf('client', client));
        await session.agree(`End all sessions of ${visible(user ?? clientId ?? '')}?`);
        await session.request('authorizations', {
          method: 'POST',
          path: 'authorizations/revoke',
          body: { user, client_id: clientId },
        });
      }
      session.note('Revoked.');
    });
};

interface Whose {
  readonly user?: string;
  readonly client?: string;
}
