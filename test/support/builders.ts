/** A configuration file as an object: see the configuration reference. */
export interface Configuration {
  scopes: Record<string, unknown>[];
  clients: Record<string, unknown>[];
  users: Record<string, unknown>[];
}

/** Of the servers that tests start. */
export const MASTER_KEY = Buffer.alloc(32, 'test master key ').toString('base64');

export const API = 'https://api.example.com/';

export const SHOP = { clientId: 'shop-backend', secret: 'shop-backend-secret-0123456789abcdef' } as const;
export const OTHER = { clientId: 'other-backend', secret: 'other-backend-secret-0123456789abcde' } as const;
export const RESOURCE_SERVER = {
  clientId: 'resource-server',
  secret: 'resource-server-secret-0123456789ab',
} as const;

export const ALICE = { username: 'alice', password: 'correct horse battery staple' } as const;
export const BOB = { username: 'bob', password: 'tray mortal crisp lantern' } as const;

/** A confidential client with both grants; anything may be changed, and `undefined` leaves a key out. */
export function aClient(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    client_id: SHOP.clientId,
    client_secret: SHOP.secret,
    grant_types: ['password', 'refresh_token'],
    scope: 'resources:read resources:write',
    default_scope: 'resources:read resources:write',
    audience: [API],
    ...overrides,
  };
}

export function aResourceServer(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    client_id: RESOURCE_SERVER.clientId,
    client_secret: RESOURCE_SERVER.secret,
    audience: [API],
    may_introspect: true,
    ...overrides,
  };
}

export function aUser(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return { ...ALICE, ...overrides };
}

/** Two clients, a resource server, alice and bob; each list may be replaced. */
export function aConfiguration(overrides: Partial<Configuration> = {}): Configuration {
  return {
    scopes: [
      { name: 'resources:read', description: 'Read' },
      { name: 'resources:write', description: 'Write' },
    ],
    clients: [
      aClient(),
      aClient({ client_id: OTHER.clientId, client_secret: OTHER.secret }),
      aResourceServer(),
    ],
    users: [aUser(), aUser(BOB)],
    ...overrides,
  };
}
