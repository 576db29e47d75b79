import { afterAll, beforeAll, expect, it } from '@jest/globals';
import * as client from 'openid-client';
import { ALICE, API, RESOURCE_SERVER, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import type { Credentials } from '../support/http.js';
import { startStack, type Stack } from '../support/stack.js';

describeEachDatabase('openid-client', (dialect) => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack(dialect, { resourceServer: true });
  });

  afterAll(() => stack.stop());

  const discover = (
    { clientId, secret }: Credentials,
    authentication: (secret: string) => client.ClientAuth,
  ): Promise<client.Configuration> =>
    client.discovery(new URL(stack.issuer), clientId, undefined, authentication(secret), {
      algorithm: 'oauth2',
      execute: [client.allowInsecureRequests],
    });

  it.each([
    ['client_secret_basic', client.ClientSecretBasic],
    ['client_secret_post', client.ClientSecretPost],
  ])('obtains, uses, refreshes, introspects and revokes tokens with %s', async (_name, authentication) => {
    const shop = await discover(SHOP, authentication);
    const resourceServer = await discover(RESOURCE_SERVER, authentication);
    expect(shop.serverMetadata().supportsPKCE()).toBe(false);

    const tokens = await client.genericGrantRequest(shop, 'password', { ...ALICE, scope: 'resources:read' });
    expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: 300, scope: 'resources:read' });
    expect(tokens.expiresIn()).toBeGreaterThan(0);

    const call = (token: string): Promise<Response> =>
      client.fetchProtectedResource(shop, token, new URL(stack.resources), 'GET');
    expect((await call(tokens.access_token)).status).toBe(200);

    const refreshed = await client.refreshTokenGrant(shop, tokens.refresh_token ?? '');
    expect(refreshed.refresh_token).not.toBe(tokens.refresh_token);
    expect((await call(refreshed.access_token)).status).toBe(200);

    const before = await client.tokenIntrospection(resourceServer, refreshed.access_token);
    expect(before).toMatchObject({ active: true, username: ALICE.username, aud: API, iss: stack.issuer });
    await client.tokenRevocation(shop, refreshed.refresh_token ?? '');
    const after = await client.tokenIntrospection(resourceServer, refreshed.access_token);
    expect(after).toEqual({ active: false });

    await expect(call(refreshed.access_token)).rejects.toMatchObject({
      cause: [{ scheme: 'bearer', parameters: { error: 'invalid_token' } }],
    });
  });

  it('understands our refusals', async () => {
    const shop = await discover(SHOP, client.ClientSecretBasic);
    const login = client.genericGrantRequest(shop, 'password', { ...ALICE, password: 'wrong' });
    await expect(login).rejects.toMatchObject({ error: 'invalid_grant', status: 400 });

    const stranger = await discover({ ...SHOP, secret: 'wrong' }, client.ClientSecretBasic);
    await expect(client.genericGrantRequest(stranger, 'password', { ...ALICE })).rejects.toMatchObject({
      cause: [{ scheme: 'basic', parameters: { realm: 'latchkey' } }],
    });
  });
});
