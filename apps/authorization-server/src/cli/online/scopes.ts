import type { Cli } from '../cli.js';
import type { Column } from '../output/table.js';
import { AdminClient, type AdminRequest } from './admin-client.js';
import type { OnlineOptions } from './connection.js';
import { showList, type ListOptions } from './list.js';
import { Names } from './names.js';
import { showOne } from './show.js';

interface ScopeBody {
  readonly name: string;
  readonly description: string;
}

interface ScopeClientBody {
  readonly client_id: string;
  readonly client_name: string;
}

const SCOPE_COLUMNS: readonly Column<ScopeBody>[] = [
  { title: 'NAME', value: ({ name }) => name },
  { title: 'DESCRIPTION', value: ({ description }) => description, isText: true },
];

const CLIENT_COLUMNS: readonly Column<ScopeClientBody>[] = [
  { title: 'CLIENT ID', value: (client) => client.client_id },
  { title: 'NAME', value: (client) => client.client_name, isText: true },
];

const pathOf = (name: string, ...rest: string[]): string =>
  ['scopes', encodeURIComponent(name), ...rest].join('/');

export function listScopes(cli: Cli, options: OnlineOptions & ListOptions): Promise<void> {
  const client = AdminClient.connect(cli, options);
  return showList(cli, client, 'scopes', { path: 'scopes' }, SCOPE_COLUMNS, options);
}

export async function createScope(
  cli: Cli,
  name: string,
  options: OnlineOptions & { readonly description?: string },
): Promise<void> {
  const { description = '' } = options;
  await change(cli, { method: 'POST', path: 'scopes', body: { name, description } }, options);
}

export async function describeScope(
  cli: Cli,
  name: string,
  description: string,
  options: OnlineOptions,
): Promise<void> {
  await change(cli, { method: 'PUT', path: pathOf(name), body: { description } }, options);
}

export async function deleteScope(cli: Cli, name: string, options: OnlineOptions): Promise<void> {
  await AdminClient.connect(cli, options).request('scopes', { method: 'DELETE', path: pathOf(name) });
  cli.terminal.note('Deleted.');
}

export function listScopeClients(
  cli: Cli,
  name: string,
  options: OnlineOptions & ListOptions,
): Promise<void> {
  const request = { path: pathOf(name, 'clients') };
  return showList(cli, AdminClient.connect(cli, options), 'scopes', request, CLIENT_COLUMNS, options);
}

export async function allowScope(
  cli: Cli,
  name: string,
  clientId: string,
  options: OnlineOptions,
): Promise<void> {
  await associate(cli, 'PUT', name, clientId, options);
  cli.terminal.note('Allowed.');
}

export async function forbidScope(
  cli: Cli,
  name: string,
  clientId: string,
  options: OnlineOptions,
): Promise<void> {
  await associate(cli, 'DELETE', name, clientId, options);
  cli.terminal.note('No longer allowed.');
}

async function associate(
  cli: Cli,
  method: 'PUT' | 'DELETE',
  name: string,
  clientId: string,
  options: OnlineOptions,
): Promise<void> {
  const client = AdminClient.connect(cli, options);
  const id = await new Names(cli, client).clientId(clientId);
  const path = pathOf(name, 'clients', encodeURIComponent(id));
  await client.request('scopes', { method, path });
}

async function change(cli: Cli, request: AdminRequest, options: OnlineOptions): Promise<void> {
  const { body } = await AdminClient.connect(cli, options).request<object>('scopes', request);
  await showOne(cli, body, options.json);
}
