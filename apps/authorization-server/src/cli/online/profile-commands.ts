import { ADMINISTRATIVE_SCOPES, isReservedScope } from '../../scopes/reserved-scope.js';
import { CliError, EXIT } from '../cli-error.js';
import type { Cli, JsonOption, TableChoices, OnlineOptions } from '../cli.js';
import { showOne } from '../output/show.js';
import { showTable, type Column } from '../output/table.js';
import { readSecret } from '../prompt.js';
import { AdminClient } from './admin-client.js';
import {
  assertConfidential,
  currentProfile,
  normalizeUrl,
  resolveConnection,
  profilesPath,
  readProfiles,
  writeProfiles,
  type Connection,
} from './connection.js';
import { RefusalError } from './http.js';
import { TokenCache } from './token-cache.js';

interface ProfileRow {
  readonly name: string;
  readonly url: string;
  readonly client_id: string;
  /** Whether commands use it by default. */
  readonly current: boolean;
}

const COLUMNS: readonly Column<ProfileRow>[] = [
  { title: '', value: ({ current }) => (current ? '*' : '') },
  { title: 'NAME', value: ({ name }) => name },
  { title: 'URL', value: ({ url }) => url },
  { title: 'CLIENT ID', value: (profile) => profile.client_id },
];

export async function setProfile(
  cli: Cli,
  name: string,
  { url, clientId, verify }: { readonly url: string; readonly clientId: string; readonly verify: boolean },
): Promise<void> {
  const { terminal, environment } = cli;
  const server = normalizeUrl(url);
  if (verify) assertConfidential(server, environment);
  const clientSecret = await readSecret(terminal, 'client secret');
  if (verify) await assertRight(cli, { url: server, clientId, clientSecret });
  const profiles = readProfiles(environment);
  writeProfiles(environment, { ...profiles, [name]: { url: server, clientId, clientSecret } });
  terminal.note(`Stored in ${profilesPath(environment)}.`);
}

/** @throws CliError when the server cannot be reached or does not know the client */
async function assertRight(cli: Cli, connection: Connection): Promise<void> {
  let scope: string | null;
  try {
    ({ scope } = await identify(AdminClient.of(cli, connection), connection.clientId));
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const advice = `Nothing was stored; --no-verify stores it as it is. ${error.advice ?? ''}`.trimEnd();
    throw new CliError(error.message, error.status, advice, { cause: error });
  }
  if (scope === null)
    cli.terminal.note('This client has no administrative scope; commands that need one will be refused.');
}

export async function listProfiles(cli: Cli, options: JsonOption & TableChoices): Promise<void> {
  const { terminal, environment } = cli;
  const current = currentProfile(cli, {});
  const rows = Object.entries(readProfiles(environment)).map(([name, { url, clientId }]) => ({
    name,
    url,
    client_id: clientId,
    current: name === current,
  }));
  if (options.json === true) return terminal.printJson(rows);
  if (rows.length === 0) return terminal.note('There are none: see `latchkey profiles set --help`.');
  await showTable(cli, COLUMNS, rows, options);
}

export function deleteProfile({ terminal, environment }: Cli, name: string): void {
  const profiles = readProfiles(environment);
  if (!Object.hasOwn(profiles, name)) throw CliError.usage(`There is no profile ${name}`);
  const forgotten = profiles[name];
  if (forgotten !== undefined) new TokenCache(environment, forgotten).clear();
  writeProfiles(environment, Object.fromEntries(Object.entries(profiles).filter(([key]) => key !== name)));
  terminal.note('Forgotten.');
}

interface Identity {
  readonly client_name: string | null;
  /** Administrative scopes. */
  readonly scope: string | null;
}

/** Shows the server and client that commands use, and the client's permissions. */
export async function whoAmI(cli: Cli, options: OnlineOptions): Promise<void> {
  const connection = resolveConnection(cli, options);
  const client = AdminClient.of(cli, connection);
  const identity = await identify(client, connection.clientId);
  await showOne(
    cli,
    {
      profile: currentProfile(cli, options),
      server: connection.url,
      client_id: connection.clientId,
      ...identity,
      token_expires_at: client.tokenExpiresAt?.toISOString() ?? null,
    },
    options.json,
  );
  if (identity.scope === null) cli.terminal.note('This client has no administrative scope.');
}

/** @throws CliError when the server cannot be reached or does not know the client */
async function identify(client: AdminClient, clientId: string): Promise<Identity> {
  try {
    const { body } = await client.request<{ client_name: string; scope: string | null }>('clients', {
      path: `clients/${encodeURIComponent(clientId)}`,
    });
    const scope = (body.scope ?? '').split(' ').filter(isReservedScope).join(' ');
    return { client_name: body.client_name, scope: scope || null };
  } catch (error) {
    const isWrong = error instanceof RefusalError && error.httpStatus !== 403;
    if (isWrong || !(error instanceof CliError) || error.status !== EXIT.unauthorized) throw error;
  }
  // The client may not read itself, so the server is asked for a token with each scope.
  const scopes: string[] = [];
  for (const scope of ADMINISTRATIVE_SCOPES) if (await client.mayHave(scope)) scopes.push(scope);
  return { client_name: null, scope: scopes.join(' ') || null };
}
