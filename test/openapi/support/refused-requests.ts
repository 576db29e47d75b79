import type { OpenApiOperation } from '@latchkey/platform/openapi';
import { request } from 'undici';
import {
  administrationBy,
  anAdministeredConfiguration,
  CLIENT_MANAGER,
  EVERYTHING,
  ROOT,
} from '../../support/admin-api.js';
import {
  aClient,
  ALICE,
  aUser,
  BOB,
  RESOURCE_SERVER,
  SHOP,
  type Configuration,
} from '../../support/builders.js';
import { expectTokens } from '../../support/expectations.js';
import { basic } from '../../support/http.js';
import { passwordOnly } from '../../support/second-factors.js';
import type { Stack } from '../../support/stack.js';

export interface Endpoint {
  readonly method: string;
  readonly path: string;
  readonly operation: OpenApiOperation;
}

export interface Sent {
  readonly path: string;
  readonly headers: Record<string, string | null>;
  readonly body?: string;
}

export const OWNERS = { clientId: 'owners', secret: 'owners-secret-0123456789abcdefghijklmno' };
export const STRANGER = '0193a3b2-1111-7abc-8def-0123456789ab';
/** Which answer as RFC 6749 has it. */
export const OF_THE_PROTOCOL = /^\/(oauth|mfa)\//;
export const FORM = 'application/x-www-form-urlencoded';

/** What makes each 409 happen, which depends on what there is: the path and the body. */
export const CONFLICTS: Readonly<Record<string, { path: string; body?: object }>> = {
  'POST /admin/scopes': { path: '/admin/scopes', body: { name: 'resources:read' } },
  'PUT /admin/scopes/{name}': { path: '/admin/scopes/account', body: { description: 'Other' } },
  'DELETE /admin/scopes/{name}': { path: '/admin/scopes/resources:read' },
  'DELETE /admin/scopes/{name}/clients/{client_id}': { path: '/admin/scopes/admin:clients/clients/root' },
  'POST /admin/clients': { path: '/admin/clients', body: { client_id: SHOP.clientId } },
  'PUT /admin/clients/{client_id}': { path: '/admin/clients/root', body: {} },
  'PATCH /admin/clients/{client_id}': { path: '/admin/clients/root', body: { grant_types: [], scope: null } },
  'DELETE /admin/clients/{client_id}': { path: '/admin/clients/root' },
  'POST /admin/clients/{client_id}/disable': { path: '/admin/clients/root/disable' },
  'POST /admin/clients/{client_id}/secrets': { path: '/admin/clients/public/secrets' },
  'DELETE /admin/clients/{client_id}/secrets/{id}': { path: '/admin/clients/root/secrets/ID' },
  'POST /admin/users': {
    path: '/admin/users',
    body: { username: 'alice', password: 'tray mortal crisp lantern' },
  },
  'POST /admin/users/import': {
    path: '/admin/users/import',
    body: { users: [{ username: 'alice', password: 'tray mortal crisp lantern' }] },
  },
  'PATCH /admin/users/{sub}': { path: '/admin/users/SUB', body: { username: 'bob' } },
  'POST /admin/users/{sub}/factors': { path: '/admin/users/SUB/factors', body: { type: 'totp' } },
  'PUT /admin/groups/{name}': { path: '/admin/groups/one-too-many', body: {} },
  'POST /admin/keys/rotate': { path: '/admin/keys/rotate', body: { purpose: 'signing' } },
};

/** Tokens of the administrator and of a resource owner, and the handle of a login that waits for a second factor. */
export interface Tokens {
  readonly admin: string;
  readonly owner: string;
  readonly waiting: string;
}

export async function tokensOf(stack: Stack): Promise<Tokens> {
  const { token } = await administrationBy(stack, ROOT, EVERYTHING);
  const { access_token: owner } = expectTokens(await stack.login(ALICE, {}, OWNERS));
  return { admin: String(token), owner, waiting: (await passwordOnly(stack, BOB)).mfa_token };
}

function authorizationFor({ path }: Endpoint, { admin, owner, waiting }: Tokens): string | null {
  if (path.startsWith('/mfa/')) return `Bearer ${waiting}`;
  if (path.startsWith('/admin/')) return `Bearer ${admin}`;
  if (path.startsWith('/account/')) return `Bearer ${owner}`;
  return path.startsWith('/oauth/')
    ? basic(/^\/oauth\/(token|mfa)/.test(path) ? SHOP : RESOURCE_SERVER)
    : null;
}

/** A request that nothing is wrong with but that what it names may not exist. */
export function sound(endpoint: Endpoint, tokens: Tokens): Sent {
  const { path, operation } = endpoint;
  const [content] = Object.entries(operation.requestBody?.content ?? {});
  const [type, { example }] = content ?? ['', { example: undefined }];
  const body =
    type === FORM
      ? new URLSearchParams(example as Record<string, string>).toString()
      : JSON.stringify(example);
  return {
    path: path
      .replace('{name}', 'resources:read')
      .replace('{client_id}', SHOP.clientId)
      .replace(/\{\w+\}/, STRANGER),
    headers: {
      authorization: authorizationFor(endpoint, tokens),
      ...(content && { 'content-type': type }),
      ...(operation.parameters.some(({ in: place }) => place === 'header') && { 'if-match': '*' }),
    },
    ...(content && { body }),
  };
}

export function configuration(issuer: string): Configuration {
  const administered = anAdministeredConfiguration(issuer);
  const account = { audience: [issuer], scope: 'account resources:read', default_scope: 'account' };
  return {
    ...administered,
    users: [aUser(), aUser({ ...BOB, second_factor: 'required' })],
    clients: [
      // The only one that administers clients.
      ...administered.clients.filter((client) => client.client_id !== CLIENT_MANAGER.clientId),
      aClient({ client_id: OWNERS.clientId, client_secret: OWNERS.secret, ...account }),
    ],
  };
}

/** The status of the answer, without waiting for the end of a stream. */
export async function answerTo(
  { issuer }: Stack,
  { method }: Endpoint,
  { path, headers, body }: Sent,
): Promise<number> {
  const given = Object.entries(headers).filter((pair): pair is [string, string] => pair[1] !== null);
  const { statusCode, body: stream } = await request(issuer + path, {
    method: method,
    headers: Object.fromEntries(given),
    ...(body !== undefined && { body }),
  });
  stream.on('error', () => undefined).destroy();
  return statusCode;
}
