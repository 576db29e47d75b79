import type { Cli } from '../cli.js';
import { CliError } from '../cli-error.js';
import type { Column } from '../output/table.js';
import { visible } from '../output/visible.js';
import { AdminClient } from './admin-client.js';
import { agree, type AgreeOptions } from '../prompt.js';
import type { OnlineOptions } from './connection.js';
import { showList, type ListOptions } from './list.js';
import { Names } from './names.js';
import { plain, shortTime, showOne } from './show.js';

interface AuthorizationBody {
  readonly id: string;
  readonly username: string | null;
  readonly client_id: string | null;
  readonly scope: string;
  readonly created_at: string;
  readonly last_used_at: string;
  readonly expires_at: string;
  readonly address: string | null;
  readonly state: string;
}

const COLUMNS: readonly Column<AuthorizationBody>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'USER', value: ({ username }) => plain(username) },
  { title: 'CLIENT ID', value: (authorization) => plain(authorization.client_id) },
  { title: 'STATE', value: ({ state }) => state, tone: ({ state }) => (state === 'live' ? 'good' : null) },
  { title: 'SINCE', value: (authorization) => shortTime(authorization.created_at) },
  { title: 'LAST USED', value: (authorization) => shortTime(authorization.last_used_at) },
  { title: 'EXPIRES', value: (authorization) => shortTime(authorization.expires_at) },
  { title: 'ADDRESS', value: ({ address }) => plain(address) },
  { title: 'SCOPE', value: ({ scope }) => scope, isText: true },
];

interface Whose {
  readonly user?: string;
  readonly client?: string;
}

export async function listAuthorizations(
  cli: Cli,
  options: OnlineOptions & ListOptions & Whose & { readonly state?: string },
): Promise<void> {
  const { user, client: clientId, state } = options;
  const client = AdminClient.connect(cli, options);
  const query = { user, client_id: clientId && (await new Names(cli, client).clientId(clientId)), state };
  await showList(cli, client, 'authorizations', { path: 'authorizations', query }, COLUMNS, options);
}

export async function showAuthorization(cli: Cli, id: string, options: OnlineOptions): Promise<void> {
  const client = AdminClient.connect(cli, options);
  const { body } = await client.request<object>('authorizations', {
    path: `authorizations/${encodeURIComponent(id)}`,
  });
  await showOne(cli, body, options.json);
}

export async function revokeAuthorizations(
  cli: Cli,
  id: string | undefined,
  options: OnlineOptions & AgreeOptions & Whose,
): Promise<void> {
  const { user, client: clientId } = options;
  if ([id, user, clientId].filter((each) => each !== undefined).length !== 1) {
    throw CliError.usage('Which ones?', 'Give an id, or --user, or --client: exactly one of them.');
  }
  const client = AdminClient.connect(cli, options);
  if (id !== undefined) {
    await client.request('authorizations', {
      method: 'DELETE',
      path: `authorizations/${encodeURIComponent(id)}`,
    });
  } else {
    const id = clientId && (await new Names(cli, client).clientId(clientId));
    await agree(cli, `End all sessions of ${visible(user ?? id ?? '')}?`, options);
    const body = user === undefined ? { client_id: id } : { user };
    await client.request('authorizations', { method: 'POST', path: 'authorizations/revoke', body });
  }
  cli.terminal.note('Revoked.');
}
