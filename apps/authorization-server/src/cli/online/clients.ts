import type { Cli } from '../cli.js';
import type { Column } from '../output/table.js';
import { agree, type AgreeOptions, readNewSecret } from '../prompt.js';
import { AdminClient } from './admin-client.js';
import { CLIENT_OPTIONS } from './client-fields.js';
import type { OnlineOptions } from './connection.js';
import { givenFields } from './fields.js';
import { showList, type ListOptions } from './list.js';
import { Names } from './names.js';
import { plain, shortTime, showOne, toneOfEnabled } from './show.js';

interface ClientBody {
  readonly client_id: string;
  readonly client_secret?: string;
  readonly client_name: string;
  readonly client_type: string;
  readonly grant_types: readonly string[];
  readonly scope: string | null;
  readonly enabled: boolean;
}

interface SecretBody {
  readonly id: string;
  readonly client_secret?: string;
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly last_used_at: string | null;
}

interface SecretOptions extends OnlineOptions {
  readonly secretStdin?: boolean;
}

const CLIENT_COLUMNS: readonly Column<ClientBody>[] = [
  { title: 'CLIENT ID', value: (client) => client.client_id },
  { title: 'NAME', value: (client) => client.client_name, isText: true },
  { title: 'TYPE', value: (client) => client.client_type },
  { title: 'GRANT TYPES', value: (client) => plain(client.grant_types), isText: true },
  { title: 'ENABLED', value: ({ enabled }) => plain(enabled), tone: toneOfEnabled },
  { title: 'SCOPE', value: (client) => plain(client.scope), isText: true },
];

const SECRET_COLUMNS: readonly Column<SecretBody>[] = [
  { title: 'ID', value: (secret) => secret.id },
  { title: 'CREATED', value: (secret) => shortTime(secret.created_at) },
  { title: 'EXPIRES', value: (secret) => shortTime(secret.expires_at) },
  { title: 'LAST USED', value: (secret) => shortTime(secret.last_used_at) },
];

const pathOf = (clientId: string, ...rest: string[]): string =>
  ['clients', encodeURIComponent(clientId), ...rest].join('/');

/** @param named by its `client_id` or by its name */
async function find(cli: Cli, named: string, options: OnlineOptions) {
  const client = AdminClient.connect(cli, options);
  return { client, clientId: await new Names(cli, client).clientId(named) };
}

export interface ListClientsOptions extends OnlineOptions, ListOptions {
  readonly prefix?: string;
  readonly grantType?: string;
  readonly disabled?: boolean;
}

export function listClients(cli: Cli, options: ListClientsOptions): Promise<void> {
  const { prefix, grantType, disabled } = options;
  const query = {
    prefix,
    grant_type: grantType,
    enabled: disabled === true ? 'false' : undefined,
  };
  const client = AdminClient.connect(cli, options);
  return showList(cli, client, 'clients', { path: 'clients', query }, CLIENT_COLUMNS, options);
}

export async function showClient(cli: Cli, named: string, options: OnlineOptions): Promise<void> {
  const { client, clientId } = await find(cli, named, options);
  const { body } = await client.request<object>('clients', { path: pathOf(clientId) });
  await showOne(cli, body, options.json);
}

export async function createClient(cli: Cli, clientId: string, options: SecretOptions): Promise<void> {
  const { body } = await AdminClient.connect(cli, options).request<ClientBody>('clients', {
    method: 'POST',
    path: 'clients',
    body: {
      client_id: clientId,
      ...(await ownSecret(cli, options)),
      ...givenFields({ ...options }, CLIENT_OPTIONS),
    },
  });
  await showOne(cli, body, options.json);
  warnOfSecret(cli, body);
}

/** Changes what was read: if somebody else changes it meanwhile, the server refuses. */
export async function updateClient(cli: Cli, named: string, options: OnlineOptions): Promise<void> {
  const { client, clientId } = await find(cli, named, options);
  const path = pathOf(clientId);
  const { etag } = await client.request('clients', { path });
  const { body } = await client.request<object>('clients', {
    method: 'PATCH',
    path,
    body: givenFields({ ...options }, CLIENT_OPTIONS),
    ...(etag !== null && { ifMatch: etag }),
  });
  await showOne(cli, body, options.json);
}

export async function enableClient(cli: Cli, clientId: string, options: OnlineOptions): Promise<void> {
  await act(cli, clientId, 'enable', options);
  cli.terminal.note('Enabled.');
}

export async function disableClient(cli: Cli, clientId: string, options: OnlineOptions): Promise<void> {
  await act(cli, clientId, 'disable', options);
  cli.terminal.note('Disabled; all its tokens have ended.');
}

async function act(cli: Cli, named: string, action: string, options: OnlineOptions): Promise<void> {
  const { client, clientId } = await find(cli, named, options);
  await client.request('clients', { method: 'POST', path: pathOf(clientId, action) });
}

export async function deleteClient(
  cli: Cli,
  named: string,
  options: OnlineOptions & AgreeOptions,
): Promise<void> {
  const { client, clientId } = await find(cli, named, options);
  await agree(cli, `Delete the client ${clientId} and end all its tokens?`, options);
  await client.request('clients', { method: 'DELETE', path: pathOf(clientId) });
  cli.terminal.note('Deleted.');
}

export async function listSecrets(
  cli: Cli,
  named: string,
  options: OnlineOptions & ListOptions,
): Promise<void> {
  const { client, clientId } = await find(cli, named, options);
  const request = { path: pathOf(clientId, 'secrets') };
  await showList(cli, client, 'clients', request, SECRET_COLUMNS, options);
}

export async function addSecret(
  cli: Cli,
  named: string,
  options: SecretOptions & { readonly expireOthersAt?: string },
): Promise<void> {
  const { expireOthersAt } = options;
  const secret = await ownSecret(cli, options);
  const { client, clientId } = await find(cli, named, options);
  const { body } = await client.request<SecretBody>('clients', {
    method: 'POST',
    path: pathOf(clientId, 'secrets'),
    body: {
      ...secret,
      ...(expireOthersAt !== undefined && { expire_others_at: expireOthersAt }),
    },
  });
  await showOne(cli, body, options.json);
  warnOfSecret(cli, body);
}

export async function deleteSecret(
  cli: Cli,
  named: string,
  secretId: string,
  options: OnlineOptions & AgreeOptions & { readonly force?: boolean },
): Promise<void> {
  const { client, clientId } = await find(cli, named, options);
  await agree(cli, `Delete the secret ${secretId} and end all tokens of ${clientId}?`, options);
  await client.request('clients', {
    method: 'DELETE',
    path: pathOf(clientId, 'secrets', encodeURIComponent(secretId)),
    query: { force: options.force === true ? 'true' : undefined },
  });
  cli.terminal.note('Deleted.');
}

async function ownSecret(cli: Cli, { secretStdin }: SecretOptions): Promise<object> {
  return secretStdin === true ? { client_secret: await readNewSecret(cli.terminal, 'client secret') } : {};
}

function warnOfSecret({ terminal }: Cli, { client_secret: secret }: { client_secret?: string }): void {
  if (secret !== undefined) terminal.note('The secret is shown this once: keep it now.');
}
