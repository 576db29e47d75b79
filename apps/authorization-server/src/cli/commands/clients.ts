import { CLIENT_FIELDS } from '../../clients/client-fields.js';
import type { Cli } from '../cli.js';
import type { CliCommand, CommandModule } from '../cli-command.js';
import { optionsOf } from '../fields.js';
import type { Session } from '../online/session.js';
import { listOptions, onlineOptions, ONLINE } from '../options.js';
import { ENABLED } from '../output/show.js';
import { readNewSecret } from '../prompt.js';
import { find, ResourceCommands, type Resource } from '../resource.js';
import { futureTime } from '../times.js';

export const CLIENT_OPTIONS = optionsOf(CLIENT_FIELDS);

const CLIENTS: Resource = {
  area: 'clients',
  path: 'clients',
  key: 'client_id',
  names: 'client',
  fields: CLIENT_OPTIONS,
  columns: [
    'client_id',
    { name: 'client_name', title: 'NAME', isText: true },
    { name: 'client_type', title: 'TYPE' },
    { name: 'grant_types', isText: true },
    ENABLED,
    { name: 'scope', isText: true },
  ],
  filters: [
    { flags: '--prefix <text>', help: 'whose client_id begins with this' },
    { flags: '--grant-type <type>', help: 'that may use this grant' },
    { flags: '--disabled', help: 'only disabled ones', parameter: 'enabled', value: 'false' },
  ],
};

export const clientsCommand: CommandModule = (program, cli) => {
  const group = program
    .subcommand('clients', 'register clients, change them, and end what they have')
    .helpGroup(ONLINE);
  const clients = new ResourceCommands(group, cli, CLIENTS);
  clients.list('list clients');
  clients.show('show <client>', 'show one client, by client_id or by name');
  clients
    .create('create <client-id>', 'register a client; its secret is made and shown, once', {
      more: ownSecret,
      after: warnOfSecret,
    })
    .option('--secret-stdin', 'take its secret from the standard input')
    .example(
      "clients create shop-backend --grant-types password,refresh_token --scope 'orders:read' --audience https://api.example.com/",
      'a client that may use passwords',
    )
    .example('clients create orders-api --may-introspect true --audience https://api.example.com/', 'an API');
  clients
    .update('update <client>', 'change what is given, and nothing else; none takes it away')
    .example(
      'clients update shop-backend --password-grant-until 2027-12-31',
      'give its password grant an end',
    );
  clients.action(
    'disable <client>',
    'disable it, which ends all its tokens for good',
    'Disabled; all its tokens have ended.',
  );
  clients.action('enable <client>', 'enable it; ended tokens stay ended', 'Enabled.');
  clients.delete(
    'delete <client>',
    'delete it and end all its tokens',
    (name) => `Delete the client ${name} and end all its tokens?`,
  );
  addSecretCommands(group, cli);
};

function addSecretCommands(clients: CliCommand, cli: Cli): void {
  const secrets = clients.subcommand('secrets', "replace a client's secret without an interruption");

  listOptions(secrets.subcommand('list <client>', 'list its secrets: never their values')).runsOnline(
    cli,
    async (session, client: string) => {
      const { path } = await find(session, CLIENTS, client);
      const columns = ['id', 'created_at', 'expires_at', 'last_used_at'];
      await session.list('clients', { path: `${path}/secrets` }, columns);
    },
  );

  onlineOptions(secrets.subcommand('add <client>', 'add a secret, which is made and shown, once'))
    .option('--secret-stdin', 'take it from the standard input')
    .option(
      '--expire-others-at <time>',
      'when the ones so far run out: a time, a date, or 7d for in 7 days',
      futureTime,
    )
    .example('clients secrets add shop-backend --expire-others-at 7d', 'with an overlap of a week')
    .runsOnline(
      cli,
      async (session, client: string, options: SecretOptions & { expireOthersAt?: string }) => {
        const secret = await ownSecret(session, options);
        const { path } = await find(session, CLIENTS, client);
        const { body } = await session.request<object>('clients', {
          method: 'POST',
          path: `${path}/secrets`,
          body: { ...secret, expire_others_at: options.expireOthersAt },
        });
        await session.show(body);
        warnOfSecret(session, body);
      },
    );

  onlineOptions(
    secrets.subcommand(
      'delete <client> <secret-id>',
      'delete a secret at once, and end all tokens of the client',
    ),
  )
    .option('--yes', 'without asking')
    .option('--force', 'also when it is the only one, so that the client can do nothing more')
    .runsOnline(cli, async (session, client: string, id: string, { force }: { force?: boolean }) => {
      const { path, name } = await find(session, CLIENTS, client);
      await session.agree(`Delete the secret ${id} and end all tokens of ${name}?`);
      await session.request('clients', {
        method: 'DELETE',
        path: `${path}/secrets/${encodeURIComponent(id)}`,
        query: { force: force === true ? 'true' : undefined },
      });
      session.note('Deleted.');
    });
}

interface SecretOptions {
  readonly secretStdin?: boolean;
}

async function ownSecret({ cli }: Session, { secretStdin }: SecretOptions): Promise<object> {
  return secretStdin === true ? { client_secret: await readNewSecret(cli.terminal, 'client secret') } : {};
}

function warnOfSecret(session: Session, { client_secret: secret }: { client_secret?: string }): void {
  if (secret !== undefined) session.note('The secret is shown this once: keep it now.');
}
