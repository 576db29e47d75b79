import type { Cli } from '../cli.js';
import type { Column } from '../output/table.js';
import { agree, type AgreeOptions, assertInteractive, readNewSecret, readSecret } from '../prompt.js';
import { AdminClient, type AdminRequest } from './admin-client.js';
import type { OnlineOptions } from './connection.js';
import { givenFields } from './fields.js';
import { showList, type ListOptions } from './list.js';
import { plain, shortTime, showOne, toneOfEnabled } from './show.js';
import { USER_CHANGES, USER_FIELDS } from './user-fields.js';

export interface UserBody {
  readonly sub: string;
  readonly username: string;
  readonly groups: readonly string[];
  readonly allowed_scope: string | null;
  readonly enabled: boolean;
}

/** One user by itself. */
interface DetailedUserBody extends UserBody {
  readonly throttled: readonly {
    readonly sources: string;
    readonly failed_logins: number;
    readonly until: string;
  }[];
}

const COLUMNS: readonly Column<UserBody>[] = [
  { title: 'USERNAME', value: ({ username }) => username },
  { title: 'SUB', value: ({ sub }) => sub },
  { title: 'ENABLED', value: ({ enabled }) => plain(enabled), tone: toneOfEnabled },
  { title: 'GROUPS', value: ({ groups }) => plain(groups), isText: true },
  { title: 'ALLOWED SCOPE', value: (user) => plain(user.allowed_scope), isText: true },
];

const pathOf = (sub: string, ...rest: string[]): string =>
  ['users', encodeURIComponent(sub), ...rest].join('/');

/** Finds a user by name, else by `sub`: people know the one, logs and tokens the other. */
export async function findUser(client: AdminClient, user: string): Promise<UserBody> {
  const { body } = await client.request<{ data: UserBody[] }>('users', {
    path: 'users',
    query: { username: user },
  });
  const [named] = body.data;
  if (named !== undefined) return named;
  return (await client.request<UserBody>('users', { path: pathOf(user) })).body;
}

export interface ListUsersOptions extends OnlineOptions, ListOptions {
  readonly prefix?: string;
  readonly group?: string;
  readonly disabled?: boolean;
}

export function listUsers(cli: Cli, options: ListUsersOptions): Promise<void> {
  const { prefix, group, disabled } = options;
  const query = { prefix, group, enabled: disabled === true ? 'false' : undefined };
  const client = AdminClient.connect(cli, options);
  return showList(cli, client, 'users', { path: 'users', query }, COLUMNS, options);
}

export async function showUser(cli: Cli, user: string, options: OnlineOptions): Promise<void> {
  const client = AdminClient.connect(cli, options);
  const { sub } = await findUser(client, user);
  const { body } = await client.request<DetailedUserBody>('users', { path: pathOf(sub) });
  const throttled = body.throttled.map((delay) => {
    const sources = delay.sources === 'without_address' ? 'without an address' : 'from unknown addresses';
    return `${sources} until ${shortTime(delay.until)}: ${delay.failed_logins} failed logins`;
  });
  await showOne(cli, options.json === true ? body : { ...body, throttled }, options.json);
}

interface PasswordOptions extends OnlineOptions {
  readonly passwordStdin?: boolean;
  readonly passwordHashStdin?: boolean;
  readonly changeRequired?: boolean;
}

export async function createUser(
  cli: Cli,
  username: string,
  options: PasswordOptions & { readonly sub?: string },
): Promise<void> {
  const { sub } = options;
  const client = AdminClient.connect(cli, options);
  const body = {
    username,
    ...(sub !== undefined && { sub }),
    ...givenFields({ ...options }, USER_FIELDS),
    ...(await passwordOf(cli, options)),
  };
  await showAnswer(cli, client, { method: 'POST', path: 'users', body }, options);
}

export async function updateUser(cli: Cli, user: string, options: OnlineOptions): Promise<void> {
  const client = AdminClient.connect(cli, options);
  const path = pathOf((await findUser(client, user)).sub);
  const { etag } = await client.request('users', { path });
  const body = givenFields({ ...options }, USER_CHANGES);
  const request: AdminRequest = { method: 'PATCH', path, body, ...(etag !== null && { ifMatch: etag }) };
  await showAnswer(cli, client, request, options);
}

export async function setPassword(cli: Cli, user: string, options: PasswordOptions): Promise<void> {
  const client = AdminClient.connect(cli, options);
  // Asked for first: what is typed ahead must not be left to the shell because there is no such user.
  const body = await passwordOf(cli, options);
  const { sub } = await findUser(client, user);
  await client.request('users', { method: 'PUT', path: pathOf(sub, 'password'), body });
  cli.terminal.note('Set; all sessions have ended.');
}

export async function disableUser(cli: Cli, user: string, options: OnlineOptions): Promise<void> {
  await act(cli, user, 'disable', options);
  cli.terminal.note('Disabled; all sessions have ended.');
}

export async function enableUser(cli: Cli, user: string, options: OnlineOptions): Promise<void> {
  await act(cli, user, 'enable', options);
  cli.terminal.note('Enabled.');
}

export async function unlockUser(
  cli: Cli,
  user: string,
  options: OnlineOptions & { readonly address?: string },
): Promise<void> {
  const { address } = options;
  await act(cli, user, 'unlock', options, address === undefined ? {} : { address });
  cli.terminal.note('Failed logins are forgotten.');
}

async function act(
  cli: Cli,
  user: string,
  action: string,
  options: OnlineOptions,
  body?: object,
): Promise<void> {
  const client = AdminClient.connect(cli, options);
  const { sub } = await findUser(client, user);
  await client.request('users', { method: 'POST', path: pathOf(sub, action), body });
}

export async function deleteUser(
  cli: Cli,
  user: string,
  options: OnlineOptions & AgreeOptions,
): Promise<void> {
  const client = AdminClient.connect(cli, options);
  const { sub, username } = await findUser(client, user);
  await agree(cli, `Delete the user ${username} and end all sessions?`, options);
  await client.request('users', { method: 'DELETE', path: pathOf(sub) });
  cli.terminal.note('Deleted.');
}

async function passwordOf(cli: Cli, options: PasswordOptions): Promise<object> {
  const required = options.changeRequired === true ? { password_change_required: true } : {};
  if (options.passwordHashStdin === true) {
    return { password_hash: await readSecret(cli.terminal, 'password hash'), ...required };
  }
  if (options.passwordStdin !== true) {
    assertInteractive(cli.terminal, '--password-stdin and give the password there');
  }
  return { password: await readNewSecret(cli.terminal, 'password'), ...required };
}

async function showAnswer(
  cli: Cli,
  client: AdminClient,
  request: AdminRequest,
  { json }: OnlineOptions,
): Promise<void> {
  const { body } = await client.request<object>('users', request);
  await showOne(cli, body, json);
}
