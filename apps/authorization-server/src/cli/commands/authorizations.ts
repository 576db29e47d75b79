import { Option } from 'commander';
import type { AuthorizationStateName } from '../../authorizations/authorization-list-repository.js';
import type { CommandModule } from '../cli-command.js';
import { ONLINE } from './groups.js';
import { listOptions, onlineOptions } from '../options.js';

const STATES = ['live', 'revoked', 'expired', 'ended'] as const satisfies readonly AuthorizationStateName[];

const run = () => import('../online/authorizations.js');

export const authorizationsCommand: CommandModule = (program, cli) => {
  const authorizations = program
    .subcommand('authorizations', 'see who is logged in through which client, and end it')
    .helpGroup(ONLINE);

  listOptions(authorizations.subcommand('list', 'list logins, newest first'))
    .option('--user <user>', 'of this user, by name or by sub')
    .option('--client <client>', 'through this client, by client_id or by name')
    .addOption(new Option('--state <state>', 'only these').choices(STATES))
    .runs(cli, async () => (await run()).listAuthorizations);

  onlineOptions(authorizations.subcommand('show <id>', 'show one login')).runs(
    cli,
    async () => (await run()).showAuthorization,
  );

  onlineOptions(authorizations.subcommand('revoke [id]', 'end one login, all of a user, or all of a client'))
    .option('--user <user>', 'all of this user, by name or by sub')
    .option('--client <client>', 'all of this client, by client_id or by name')
    .option('--yes', 'without asking')
    .example('authorizations revoke --user alice', 'end all sessions of alice')
    .runs(cli, async () => (await run()).revokeAuthorizations);
};
