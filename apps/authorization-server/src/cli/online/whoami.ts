import { ADMINISTRATIVE_SCOPES, isReservedScope } from '../../scopes/reserved-scope.js';
import type { Cli, OnlineOptions } from '../cli.js';
import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-status.js';
import { AdminClient } from './admin-client.js';
import { currentProfile, resolveConnection } from './connection.js';
import { RefusalError } from './explain-answer.js';
import { showOne } from '../output/show.js';

interface Identity {
  readonly client_name: string | null;
  /** Administrative scopes. */
  readonly scope: string | null;
}

/** Which server commands talk to, as which client, and what it may do. */
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
export async function identify(client: AdminClient, clientId: string): Promise<Identity> {
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
  // It may not look itself up; the server says of each scope whether it may have it.
  const scopes: string[] = [];
  for (const scope of ADMINISTRATIVE_SCOPES) if (await client.mayHave(scope)) scopes.push(scope);
  return { client_name: null, scope: scopes.join(' ') || null };
}
