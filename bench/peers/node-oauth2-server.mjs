// @node-oauth/oauth2-server over better-sqlite3 on bare node:http. It has no introspection endpoint: what it offers
// instead is authenticate(), which looks a bearer token up.
import { createServer } from 'node:http';
import OAuth2Server from '@node-oauth/oauth2-server';
import { CLIENT, makeSessions, openSqlite, OWNER, passwordIsRight, PORT } from './common.mjs';

const database = openSqlite();
database.exec(`CREATE TABLE tokens (access_token TEXT PRIMARY KEY, access_expires INTEGER NOT NULL, refresh_token TEXT,
    refresh_expires INTEGER, scope TEXT, client_id TEXT NOT NULL, user_id TEXT) WITHOUT ROWID;
  CREATE UNIQUE INDEX tokens_refresh_token ON tokens (refresh_token);`);
const insert = database.prepare('INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?)');
const byAccess = database.prepare('SELECT * FROM tokens WHERE access_token = ?');
const byRefresh = database.prepare('SELECT * FROM tokens WHERE refresh_token = ?');
// The access token stays: the look-up is measured with the same sessions.
const forget = database.prepare(
  'UPDATE tokens SET refresh_token = NULL, refresh_expires = NULL WHERE refresh_token = ?',
);

const client = {
  id: CLIENT.id,
  grants: ['password', 'refresh_token', 'client_credentials'],
  accessTokenLifetime: 3600,
};

const toToken = (row) =>
  row && {
    accessToken: row.access_token,
    accessTokenExpiresAt: new Date(row.access_expires),
    refreshToken: row.refresh_token ?? undefined,
    refreshTokenExpiresAt: row.refresh_expires === null ? undefined : new Date(row.refresh_expires),
    scope: row.scope?.split(' '),
    client,
    user: { id: row.user_id },
  };

const model = {
  getClient: async (id, secret) =>
    id === CLIENT.id && (secret === null || secret === CLIENT.secret) ? client : null,
  getUser: async (username, password) =>
    (await passwordIsRight(username, password)) ? { id: username } : null,
  getUserFromClient: async () => ({ id: CLIENT.id }),
  validateScope: async () => ['read'],
  getAccessToken: async (token) => toToken(byAccess.get(token)),
  getRefreshToken: async (token) => toToken(byRefresh.get(token)),
  revokeToken: async ({ refreshToken }) => forget.run(refreshToken).changes === 1,
  saveToken: async (token, _client, user) => {
    insert.run(
      token.accessToken,
      token.accessTokenExpiresAt.getTime(),
      token.refreshToken ?? null,
      token.refreshTokenExpiresAt?.getTime() ?? null,
      token.scope?.join(' ') ?? null,
      CLIENT.id,
      user.id,
    );
    return { ...token, client, user };
  },
};

const oauth = new OAuth2Server({ model, requireClientAuthentication: { password: true } });

const session = { accessTokenExpiresAt: new Date(Date.now() + 3_600_000), scope: ['read'] };
let made = 0;
database.exec('BEGIN');
await makeSessions(async () => {
  const tokens = {
    accessToken: `access-${made}`.padEnd(64, 'x'),
    refreshToken: `refresh-${made++}`.padEnd(64, 'x'),
  };
  const refreshTokenExpiresAt = new Date(Date.now() + 2_592_000_000);
  await model.saveToken({ ...session, ...tokens, refreshTokenExpiresAt }, client, { id: OWNER.username });
  return tokens;
});
database.exec('COMMIT');

createServer(async (incoming, outgoing) => {
  let text = '';
  incoming.setEncoding('utf8');
  for await (const chunk of incoming) text += chunk;
  const { method, headers, url } = incoming;
  const body = Object.fromEntries(new URLSearchParams(text));
  const request = new OAuth2Server.Request({ method, headers, query: {}, body });
  const response = new OAuth2Server.Response();
  let answer;
  try {
    if (url === '/token') {
      await oauth.token(request, response);
      answer = response.body;
    } else {
      const token = await oauth.authenticate(request, response);
      answer = { active: true, sub: token.user.id, scope: token.scope.join(' ') };
    }
  } catch (error) {
    response.status = error.code ?? 500;
    answer = { error: error.name };
  }
  const json = JSON.stringify(answer);
  outgoing.writeHead(response.status, {
    ...response.headers,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(json),
  });
  outgoing.end(json);
}).listen(PORT, '127.0.0.1');
