import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Database } from '@latchkey/platform/database';
import { decodeJwt } from 'jose';
import sql from 'sql-template-tag';
import { aClient, aConfiguration, API, OTHER, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectBearerChallenge, expectOAuthError, expectTokens } from '../support/expectations.js';
import { api, type Credentials } from '../support/http.js';
import { startStack, type Stack } from '../support/stack.js';

const ADMINISTRATOR = { clientId: 'root', secret: 'root-client-secret-0123456789abcdefgh' };

describeEachDatabase('RFC 6749 section 4.4: client credentials', (dialect) => {
  let stack: Stack;

  const request = (parameters: Record<string, string> = {}, client: Credentials = SHOP) =>
    stack.token({ grant_type: 'client_credentials', ...parameters }, client);

  beforeAll(async () => {
    stack = await startStack(dialect, {
      configuration: aConfiguration({
        clients: [
          aClient({ grant_types: ['client_credentials'] }),
          aClient({ client_id: OTHER.clientId, client_secret: OTHER.secret }),
          aClient({
            client_id: 'mixed',
            client_secret: SHOP.secret,
            grant_types: ['client_credentials', 'password'],
            scope: 'admin:users resources:read',
            default_scope: 'resources:read',
          }),
        ],
      }),
      environment: {
        LATCHKEY_BOOTSTRAP_CLIENT_ID: ADMINISTRATOR.clientId,
        LATCHKEY_BOOTSTRAP_CLIENT_SECRET: ADMINISTRATOR.secret,
      },
    });
  });

  afterAll(() => stack.stop());

  it('issues an access token that names the client as its subject, and no refresh token', async () => {
    const tokens = expectTokens(await request({ scope: 'resources:read' }));
    expect(tokens).toMatchObject({ scope: 'resources:read', expires_in: 300 });
    expect(tokens.refresh_token).toBeUndefined();
    expect(decodeJwt(tokens.access_token)).toMatchObject({
      sub: SHOP.clientId,
      client_id: SHOP.clientId,
      aud: API,
    });
  });

  it('stores one authorization per token, which ends with it', async () => {
    const { access_token: token } = expectTokens(await request());
    const { sid = '', exp } = decodeJwt<{ sid: string }>(token);
    const rows = await stack.application
      .get(Database)
      .query<{ user_key: number | null; expires_at: number }>(
        sql`SELECT user_key, expires_at FROM authorizations WHERE id = ${Buffer.from(sid.replaceAll('-', ''), 'hex')}`,
      );
    expect(rows).toHaveLength(1);
    expect(rows[0]?.user_key).toBeNull();
    expect(Math.floor((rows[0]?.expires_at ?? 0) / 1000)).toBe(exp);
  });

  it('refuses a client that was not registered for it', async () => {
    expectOAuthError(await request({}, OTHER), 400, 'unauthorized_client');
  });

  it('refuses wrong credentials', async () => {
    expectOAuthError(await request({}, { ...ADMINISTRATOR, secret: 'wrong' }), 401, 'invalid_client');
  });

  it('refuses a wider scope, and a malformed one', async () => {
    expectOAuthError(await request({ scope: 'admin:users' }), 400, 'invalid_scope');
    expectOAuthError(await request({ scope: 'resources:read  resources:write' }), 400, 'invalid_scope');
  });

  it('grants administrative scopes for this server alone', async () => {
    const tokens = expectTokens(await request({ scope: 'admin:users' }, ADMINISTRATOR));
    expect(decodeJwt(tokens.access_token)).toMatchObject({ aud: stack.issuer, scope: 'admin:users' });
    expectOAuthError(
      await request({ scope: 'admin:users', resource: API }, ADMINISTRATOR),
      400,
      'invalid_target',
    );
  });

  it('never mixes administrative scopes with others, nor gives them to a resource owner', async () => {
    const mixed = { clientId: 'mixed', secret: SHOP.secret };
    expectOAuthError(await request({ scope: 'admin:users resources:read' }, mixed), 400, 'invalid_scope');
    expectTokens(await request({ scope: 'admin:users' }, mixed));
    const login = { username: 'alice', password: 'correct horse battery staple' };
    expectOAuthError(await stack.login(login, { scope: 'admin:users' }, mixed), 400, 'invalid_scope');
    expectTokens(await stack.login(login, { scope: 'resources:read' }, mixed));
  });

  it('does not let a client’s token onto a resource owner’s routes', async () => {
    const tokens = expectTokens(await request({ scope: 'admin:users' }, ADMINISTRATOR));
    const answer = await api('GET', `${stack.issuer}/account/authorizations`, tokens.access_token);
    expectBearerChallenge(answer, 403, 'insufficient_scope');
  });
});
