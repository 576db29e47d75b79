// Our authorization server as it is in production, with clients of the benchmark and sessions made before the start.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Database, idFromBytes } from '@latchkey/platform/database';
import { createLogger } from '@latchkey/platform/logging';
import { hashSync } from '@node-rs/argon2';
import sql from 'sql-template-tag';
import { AuthorizationRepository } from '../../apps/authorization-server/dist/authorizations/authorization-repository.js';
import { ClientRepository } from '../../apps/authorization-server/dist/clients/client-repository.js';
import { loadConfig } from '../../apps/authorization-server/dist/config/load-config.js';
import { createAuthorizationServer } from '../../apps/authorization-server/dist/create-authorization-server.js';
import { RefreshTokens } from '../../apps/authorization-server/dist/tokens/refresh-tokens.js';
import { TokenIssuer } from '../../apps/authorization-server/dist/tokens/token-issuer.js';
import { generateAuthorizations } from './generate-authorizations.mjs';
import { imageCommand } from './image-command.mjs';
import { root, startServer } from './server.mjs';

export const CLIENT = { id: 'bench-client', secret: 'bench-client-secret-0123456789abcdef' };
export const OPAQUE_CLIENT = { id: 'bench-opaque-client', secret: 'bench-opaque-client-secret-0123456' };
/** Of sessions that are there to be revoked: tokens of sessions are found by their client. */
export const REVOKING_CLIENT = { id: 'bench-revoking-client', secret: 'bench-revoking-client-secret-01234' };
export const RESOURCE_SERVER = { id: 'bench-resource-server', secret: 'bench-resource-server-secret-012345' };
export const ADMINISTRATOR = { id: 'bench-administrator', secret: 'bench-administrator-secret-01234567' };
const PASSWORD = 'a password of the benchmark';
export const OWNERS = Array.from({ length: 64 }, (_, index) => ({
  username: `owner-${index}`,
  password: PASSWORD,
}));
/** The first of them. */
export const [OWNER] = OWNERS;
export const ISSUER = 'https://id.example.com';
export const AUDIENCE = 'https://api.example.com/';

/** The environment of a server whose files are in `folder`. @param overrides of variables, such as DATABASE_URL */
export function environmentIn(folder, overrides = {}) {
  const file = join(folder, 'configuration.json');
  writeFileSync(file, JSON.stringify(configuration()));
  return {
    NODE_ENV: 'production',
    ISSUER,
    LATCHKEY_MASTER_KEY: Buffer.alloc(32, 'benchmark').toString('base64'),
    LATCHKEY_DATA_DIR: folder,
    DATABASE_URL: `sqlite:${join(folder, 'latchkey.sqlite')}`,
    LATCHKEY_CONFIG: file,
    HASH_WORKERS: '1',
    // A slow machine is to show in the figures, not as refusals.
    HASH_QUEUE_DEADLINE_MS: '60000',
    // One client stands for all.
    CLIENT_TOKEN_RATE: '1000000',
    CLIENT_REVOCATION_RATE: '1000000',
    CLIENT_FEED_RATE: '1000000',
    ...overrides,
  };
}

/** A client that asks more than its share, registered like {@link CLIENT}. */
export const NOISY_CLIENT = { id: 'bench-noisy-client', secret: 'bench-noisy-client-secret-0123456789' };

/** Adds another client to a configuration file, given as an object, that is registered like `model`. */
export function addClientLike({ clients }, model, { id, secret }) {
  const registration = clients.find((client) => client.client_id === model.id);
  clients.push({ ...registration, client_id: id, client_secret: secret });
}

/** Starts the server as its image does. @param environment of {@link environmentIn} */
export function startWith(environment, { nodeOptions = [], ...options } = {}) {
  const ofImage = imageCommand();
  const script = ofImage.pop();
  if (!existsSync(join(root, script)))
    throw new Error(`${script} is missing: run "npm run build:bundle" first`);
  return startServer(script, environment, '/health/ready', {
    nodeOptions: [...ofImage, ...nodeOptions],
    ...options,
  });
}

/** Starts the built server over an SQLite file in `folder`. */
export function startAuthorizationServer(folder, overrides, options) {
  return startWith(environmentIn(folder, overrides), options);
}

/**
 * Fills the database, while no server runs on it, with sessions of one client.
 *
 * @param tokens for how many of them to make tokens, spread over all that have not expired
 * @param accessTokens false makes refresh tokens only, which costs no signatures
 * @returns `{ sids, accessTokens, refreshTokens }`
 */
export async function makeSessions(environment, client, count, options = {}) {
  const { tokens = count, accessTokens = true, ...generation } = options;
  // The first start makes the client that the authorizations refer to.
  await inServer(environment, () => undefined);
  const settings = { clientId: client.id, scope: 'read', audience: AUDIENCE, ...generation };
  const { from, to } = await generateAuthorizations(environment.DATABASE_URL, count, settings);
  const firstLive = from + (to - from) * (options.expired ?? 0);
  const times = Array.from({ length: tokens }, (_, place) =>
    Math.ceil(firstLive + (place * (to - firstLive)) / tokens),
  );
  return inServer(environment, (get) => tokensOf(get, client, times, accessTokens));
}

/** Tokens of the first session of a client at or after each of these times: ids begin with the time. */
async function tokensOf(get, { id: clientId }, times, withAccessTokens) {
  const client = await get(ClientRepository).findByClientId(clientId);
  const found = { sids: [], accessTokens: [], refreshTokens: [] };
  for (const time of times) {
    const earliest = Buffer.from(time.toString(16).padStart(12, '0').padEnd(32, '0'), 'hex');
    const [row] = await get(Database).query(sql`SELECT id FROM authorizations
      WHERE id >= ${earliest} AND client_key = ${client.key} ORDER BY id LIMIT 1`);
    // The last times may lie behind the last session.
    if (row === undefined) break;
    const { authorization, owner } = await get(AuthorizationRepository).find(idFromBytes(row.id));
    const { scope, audience, generation } = authorization;
    const refreshToken = get(RefreshTokens).create(authorization, generation);
    found.sids.push(authorization.id);
    found.refreshTokens.push(refreshToken);
    if (!withAccessTokens) continue;
    const grant = { client, authorization, owner, scope, audience, refreshToken, now: Date.now() };
    found.accessTokens.push(get(TokenIssuer).issue(grant).access_token);
  }
  return found;
}

/** Does something with the parts of a server that does not listen. @param use is given a function that gives them by type */
export async function inServer(environment, use) {
  const config = loadConfig(environment);
  const application = await createAuthorizationServer(config, createLogger('bench', 'error'));
  try {
    return await use((type) => application.get(type, { strict: false }));
  } finally {
    await application.close();
  }
}

function configuration() {
  const client = ({ id, secret }, settings) => ({
    client_id: id,
    client_secret: secret,
    audience: [AUDIENCE],
    ...settings,
  });
  const forOwners = {
    grant_types: ['password', 'refresh_token', 'client_credentials'],
    scope: 'read',
    default_scope: 'read',
    access_token_ttl: 86_400,
    // Without a grace each refresh rotates, which is what costs.
    refresh_token_grace: 0,
  };
  const passwordHash = hashSync(PASSWORD, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });
  return {
    scopes: [{ name: 'read' }],
    clients: [
      client(CLIENT, forOwners),
      client(OPAQUE_CLIENT, { ...forOwners, access_token_format: 'opaque' }),
      client(REVOKING_CLIENT, forOwners),
      client(RESOURCE_SERVER, { may_introspect: true }),
      client(ADMINISTRATOR, {
        grant_types: ['client_credentials'],
        scope: 'admin:authorizations:read admin:audit:read admin:clients admin:users',
        audience: [ISSUER],
      }),
    ],
    users: OWNERS.map(({ username }) => ({ username, password_hash: passwordHash })),
  };
}
