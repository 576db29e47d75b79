import type { Cli } from '../cli.js';
import type { Column } from '../output/table.js';
import { AdminClient } from './admin-client.js';
import type { OnlineOptions } from './connection.js';
import { showList, type ListOptions } from './list.js';
import { Names } from './names.js';
import { plain, shortTime } from './show.js';

interface UsageBody {
  readonly logins: number;
  readonly last_login_at: string;
}

interface ClientUsageBody extends UsageBody {
  readonly client_id: string;
  readonly password_grant_until: string | null;
  readonly users: number;
}

interface UserUsageBody extends UsageBody {
  readonly sub: string;
  readonly username: string;
}

const USAGE_COLUMNS: readonly Column<UsageBody>[] = [
  { title: 'LOGINS', value: ({ logins }) => plain(logins) },
  { title: 'LAST LOGIN', value: (usage) => shortTime(usage.last_login_at) },
];

const CLIENT_COLUMNS: readonly Column<ClientUsageBody>[] = [
  { title: 'CLIENT ID', value: (usage) => usage.client_id },
  { title: 'UNTIL', value: (usage) => plain(usage.password_grant_until) },
  { title: 'USERS', value: ({ users }) => plain(users) },
  ...USAGE_COLUMNS,
];

const USER_COLUMNS: readonly Column<UserUsageBody>[] = [
  { title: 'USERNAME', value: ({ username }) => username },
  { title: 'SUB', value: ({ sub }) => sub },
  ...USAGE_COLUMNS,
];

/** The clients that still use the password grant, or the users of one of them. */
export async function showUsage(
  cli: Cli,
  clientId: string | undefined,
  options: OnlineOptions & ListOptions & { readonly since?: string },
): Promise<void> {
  const client = AdminClient.connect(cli, options);
  const query = { since: options.since };
  const path = 'password-grant-usage';
  if (clientId === undefined)
    return showList(cli, client, 'clients', { path, query }, CLIENT_COLUMNS, options);
  const id = await new Names(cli, client).clientId(clientId);
  const ofClient = { path: `${path}/${encodeURIComponent(id)}/users`, query };
  return showList(cli, client, 'clients', ofClient, USER_COLUMNS, options);
}
