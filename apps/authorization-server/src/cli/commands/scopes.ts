import type { CommandModule } from '../cli-command.js';
import { ONLINE } from './groups.js';
import { listOptions, onlineOptions } from '../options.js';

const run = () => import('../online/scopes.js');

export const scopesCommand: CommandModule = (program, cli) => {
  const scopes = program
    .subcommand('scopes', 'define scopes, and which clients may ask for them')
    .helpGroup(ONLINE);

  listOptions(scopes.subcommand('list', 'list scopes')).runs(cli, async () => (await run()).listScopes);

  onlineOptions(scopes.subcommand('create <name>', 'create a scope'))
    .option('--description <text>', 'what it allows')
    .example("scopes create orders:read --description 'Read orders'", 'a scope')
    .runs(cli, async () => (await run()).createScope);

  onlineOptions(scopes.subcommand('describe <name> <description>', 'describe it anew')).runs(
    cli,
    async () => (await run()).describeScope,
  );

  onlineOptions(scopes.subcommand('delete <name>', 'delete it; refused while a client or user has it')).runs(
    cli,
    async () => (await run()).deleteScope,
  );

  listOptions(scopes.subcommand('clients <name>', 'list the clients that may ask for it')).runs(
    cli,
    async () => (await run()).listScopeClients,
  );

  onlineOptions(scopes.subcommand('allow <name> <client>', 'let a client ask for it')).runs(
    cli,
    async () => (await run()).allowScope,
  );

  onlineOptions(scopes.subcommand('forbid <name> <client>', 'let a client no longer ask for it')).runs(
    cli,
    async () => (await run()).forbidScope,
  );
};
