// oidc-provider as an OAuth server of the same kind: opaque access tokens, rotated refresh tokens, a password grant.
import Provider, { errors } from 'oidc-provider';
import { CLIENT, makeSessions, openSqlite, OWNER, passwordIsRight, PORT } from './common.mjs';
import { MemoryAdapter } from './memory-adapter.mjs';
import { sqliteAdapter } from './sqlite-adapter.mjs';

const database = process.env.DATABASE_PATH === undefined ? null : openSqlite();

const provider = new Provider(`http://127.0.0.1:${PORT}`, {
  adapter: database === null ? MemoryAdapter : sqliteAdapter(database),
  clients: [
    {
      client_id: CLIENT.id,
      client_secret: CLIENT.secret,
      grant_types: ['password', 'refresh_token', 'client_credentials'],
      redirect_uris: [],
      response_types: [],
    },
  ],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    introspection: { enabled: true, allowedPolicy: () => true },
    revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
  },
  findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  rotateRefreshToken: true,
  scopes: ['openid', 'offline_access', 'read'],
  ttl: {
    AccessToken: 3600,
    ClientCredentials: 3600,
    Grant: 2_592_000,
    IdToken: 3600,
    RefreshToken: 2_592_000,
  },
});

provider.registerGrantType(
  'password',
  async (ctx) => {
    const { username, password } = ctx.oidc.params;
    if (!(await passwordIsRight(username, password))) throw new errors.InvalidGrant('wrong credentials');
    const { accessToken, refreshToken } = await startSession(ctx.oidc.client);
    ctx.body = {
      access_token: accessToken,
      expires_in: 3600,
      refresh_token: refreshToken,
      scope: 'read',
      token_type: 'Bearer',
    };
  },
  ['username', 'password', 'scope'],
);

async function startSession(client) {
  const grant = new provider.Grant({ accountId: OWNER.username, clientId: client.clientId });
  grant.addOIDCScope('read');
  const grantId = await grant.save();
  const fields = { accountId: OWNER.username, client, grantId, gty: 'password', scope: 'read' };
  const accessToken = await new provider.AccessToken(fields).save();
  const refreshToken = await new provider.RefreshToken({ ...fields, rotations: 0 }).save();
  return { accessToken, refreshToken };
}

const client = await provider.Client.find(CLIENT.id);
database?.exec('BEGIN');
await makeSessions(() => startSession(client));
database?.exec('COMMIT');
provider.on('server_error', (_ctx, error) => console.error(error));
provider.listen(PORT, '127.0.0.1');
