import type { CliCommand, CommandModule } from '../cli-command.js';
import { CLIENT_OPTIONS } from '../online/client-fields.js';
import { addFieldOptions, requireField } from '../online/fields.js';
import { futureTime } from '../times.js';
import { ONLINE } from './groups.js';
import { listOptions, onlineOptions } from '../options.js';

const run = () => import('../online/clients.js');

export const clientsCommand: CommandModule = (program, cli) => {
  const clients = program
    .subcommand('clients', 'register clients, change them, and end what they have')
    .helpGroup(ONLINE);

  listOptions(clients.subcommand('list', 'list clients'))
    .option('--prefix <text>', 'whose client_id begins with this')
    .option('--grant-type <type>', 'that may use this grant')
    .option('--disabled', 'only disabled ones')
    .runs(cli, async () => (await run()).listClients);

  onlineOptions(clients.subcommand('show <client>', 'show one client, by client_id or by name')).runs(
    cli,
    async () => (await run()).showClient,
  );

  fields(clients.subcommand('create <client-id>', 'register a client; its secret is made and shown, once'))
    .option('--secret-stdin', 'take its secret from the standard input')
    .example(
      "clients create shop-backend --grant-types password,refresh_token --scope 'orders:read' --audience https://api.example.com/",
      'a client that may use passwords',
    )
    .example('clients create orders-api --may-introspect true --audience https://api.example.com/', 'an API')
    .runs(cli, async () => (await run()).createClient);

  requireField(
    fields(
      clients.subcommand('update <client>', 'change what is given, and nothing else; none takes it away'),
    ),
    CLIENT_OPTIONS,
  )
    .example(
      'clients update shop-backend --password-grant-until 2027-12-31',
      'give its password grant an end',
    )
    .runs(cli, async () => (await run()).updateClient);

  onlineOptions(
    clients.subcommand('disable <client>', 'disable it, which ends all its tokens for good'),
  ).runs(cli, async () => (await run()).disableClient);

  onlineOptions(clients.subcommand('enable <client>', 'enable it; ended tokens stay ended')).runs(
    cli,
    async () => (await run()).enableClient,
  );

  onlineOptions(clients.subcommand('delete <client>', 'delete it and end all its tokens'))
    .option('--yes', 'without asking')
    .runs(cli, async () => (await run()).deleteClient);

  addSecretCommands(clients, cli);
};

function addSecretCommands(clients: CliCommand, cli: Parameters<CommandModule>[1]): void {
  const secrets = clients.subcommand('secrets', "replace a client's secret without an interruption");

  listOptions(secrets.subcommand('list <client>', 'list its secrets: never their values')).runs(
    cli,
    async () => (await run()).listSecrets,
  );

  onlineOptions(secrets.subcommand('add <client>', 'add a secret, which is made and shown, once'))
    .option('--secret-stdin', 'take it from the standard input')
    .option(
      '--expire-others-at <time>',
      'when the ones so far run out: a time, a date, or 7d for in 7 days',
      futureTime,
    )
    .example('clients secrets add shop-backend --expire-others-at 7d', 'with an overlap of a week')
    .runs(cli, async () => (await run()).addSecret);

  onlineOptions(
    secrets.subcommand(
      'delete <client> <secret-id>',
      'delete a secret at once, and end all tokens of the client',
    ),
  )
    .option('--yes', 'without asking')
    .option('--force', 'also when it is the only one, so that the client can do nothing more')
    .runs(cli, async () => (await run()).deleteSecret);
}

function fields(command: CliCommand): CliCommand {
  return onlineOptions(addFieldOptions(command, CLIENT_OPTIONS));
}
