import type { Dispatcher } from 'undici';
import { aClient, aConfiguration, API, SHOP, type Configuration } from './builders.js';
import type { Dialect } from './databases.js';
import { expectTokens } from './expectations.js';
import { send, type Answer, type Credentials } from './http.js';
import { startStack, type Stack, type StackOptions } from './stack.js';

export const ROOT: Credentials = { clientId: 'root', secret: 'root-secret-0123456789abcdefghijklmnop' };

/** Has `admin:clients` and nothing else. */
export const CLIENT_MANAGER: Credentials = {
  clientId: 'client-manager',
  secret: 'client-manager-secret-0123456789abcdef',
};

/** The administration API, called with the token of one client. */
export class AdminApi {
  constructor(
    readonly issuer: string,
    readonly token: string | null,
  ) {}

  get(path: string): Promise<Answer> {
    return this.call('GET', path);
  }

  post(path: string, body?: unknown): Promise<Answer> {
    return this.call('POST', path, body);
  }

  put(path: string, body?: unknown, ifMatch?: string): Promise<Answer> {
    return this.call('PUT', path, body, ifMatch === undefined ? {} : { 'if-match': ifMatch });
  }

  /** With the entity tag that the resource has now, unless another is given. */
  async patch(path: string, body: unknown, ifMatch?: string): Promise<Answer> {
    const tag = ifMatch ?? String((await this.get(path)).headers.etag);
    return this.call('PATCH', path, body, {
      'if-match': tag,
      'content-type': 'application/merge-patch+json',
    });
  }

  delete(path: string): Promise<Answer> {
    return this.call('DELETE', path);
  }

  call(
    method: Dispatcher.HttpMethod,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    return send(`${this.issuer}/admin${path}`, {
      method,
      headers: {
        ...(this.token !== null && { authorization: `Bearer ${this.token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  }
}

/** The API for a client with administrative scopes; `scope` narrows them. */
export async function administrationBy(stack: Stack, client: Credentials, scope: string): Promise<AdminApi> {
  const answer = await stack.token({ grant_type: 'client_credentials', scope }, client);
  return new AdminApi(stack.issuer, expectTokens(answer).access_token);
}

export const EVERYTHING = ['clients', 'scopes', 'users', 'authorizations', 'keys', 'audit']
  .map((area) => `admin:${area}`)
  .join(' ');

/** A server with an administrator for everything (`ROOT`) and one for clients (`CLIENT_MANAGER`). */
export function startAdministered(
  dialect: Dialect,
  options: Omit<StackOptions, 'configuration'> = {},
): Promise<Stack> {
  return startStack(dialect, {
    ...options,
    configuration: anAdministeredConfiguration,
  });
}

/** A client with administrative scopes. */
export function administrator(
  { clientId, secret }: Credentials,
  scope: string,
  issuer: string,
): ReturnType<typeof aClient> {
  return aClient({
    client_id: clientId,
    client_secret: secret,
    grant_types: ['client_credentials'],
    scope,
    default_scope: undefined,
    audience: [issuer],
  });
}

export function anAdministeredConfiguration(issuer: string): Configuration {
  const configuration = aConfiguration();
  return {
    ...configuration,
    clients: [
      ...configuration.clients,
      administrator(ROOT, EVERYTHING, issuer),
      administrator(CLIENT_MANAGER, 'admin:clients', issuer),
    ],
  };
}

/** The same where the shop may ask for the accounts of its users. */
export function anAdministeredConfigurationWithAccounts(issuer: string) {
  const { clients, ...rest } = anAdministeredConfiguration(issuer);
  const account = { scope: 'account resources:read', default_scope: 'account', audience: [issuer, API] };
  return {
    ...rest,
    clients: [...clients.filter(({ client_id: id }) => id !== SHOP.clientId), aClient(account)],
  };
}
