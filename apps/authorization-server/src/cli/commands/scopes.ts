import type { Cli } from '../cli.js';
import type { CliCommand, CommandModule } from '../cli-command.js';
import { listOptions, onlineOptions, ONLINE } from '../options.js';
import { find, ResourceCommands, type Resource } from '../resource.js';

const SCOPES: Resource = {
  area: 'scopes',
  path: 'scopes',
  columns: ['name', { name: 'description', isText: true }],
  fields: [{ name: 'description', kind: 'text', help: 'what it allows' }],
};

export const scopesCommand: CommandModule = (program, cli) => {
  const group = program
    .subcommand('scopes', 'define scopes, and which clients may ask for them')
    .helpGroup(ONLINE);
  const scopes = new ResourceCommands(group, cli, SCOPES);
  scopes.list('list scopes');
  scopes
    .create('create <name>', 'create a scope')
    .example("scopes create orders:read --description 'Read orders'", 'a scope');
  onlineOptions(group.subcommand('describe <name> <description>', 'describe it anew')).runsOnline(
    cli,
    async (session, name: string, description: string) => {
      const { path } = await find(session, SCOPES, name);
      const { body } = await session.request<object>('scopes', {
        method: 'PUT',
        path,
        body: { description },
      });
      await session.show(body);
    },
  );
  scopes.delete('delete <name>', 'delete it; refused while a client or user has it');
  listOptions(group.subcommand('clients <name>', 'list the clients that may ask for it')).runsOnline(
    cli,
    async (session, name: string) => {
      const { path } = await find(session, SCOPES, name);
      const columns = ['client_id', { name: 'client_name', title: 'NAME', isText: true }];
      await session.list('scopes', { path: `${path}/clients` }, columns);
    },
  );
  const allow = group.subcommand('allow <name> <client>', 'let a client ask for it');
  associate(allow, cli, 'PUT', 'Allowed.');
  const forbid = group.subcommand('forbid <name> <client>', 'let a client no longer ask for it');
  associate(forbid, cli, 'DELETE', 'No longer allowed.');
};

function associate(command: CliCommand, cli: Cli, method: 'PUT' | 'DELETE', note: string): void {
  onlineOptions(command).runsOnline(cli, async (session, name: string, client: string) => {
    const { path } = await find(session, SCOPES, name);
    const id = await session.names.idOf('client', client);
    await session.request('scopes', { method, path: `${path}/clients/${encodeURIComponent(id)}` });
    session.note(note);
  });
}
