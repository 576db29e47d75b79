import { afterAll, beforeAll, expect, it } from '@jest/globals';
import * as oauth from 'oauth4webapi';
import { ALICE, API, aConfiguration, RESOURCE_SERVER } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { aClientNamed } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

const options = { [oauth.allowInsecureRequests]: true };

/** An id and a secret that only survive Basic when both sides form-encode (RFC 6749 section 2.3.1). */
const ODD = { client_id: 'shop: back+end/1', client_secret: '%41+b:c d&e=f/0123456789abcdefghijk' };

describeEachDatabase('oauth4webapi', (dialect) => {
  let stack: Stack;
  let server: oauth.AuthorizationServer;

  beforeAll(async () => {
    const configuration = aConfiguration();
    configuration.clients.push(aClientNamed(ODD.client_id, ODD));
    stack = await startStack(dialect, { configuration, resourceServer: true });
    const issuer = new URL(stack.issuer);
    const response = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...options });
    server = await oauth.processDiscoveryResponse(issuer, response);
  });

  afterAll(() => stack.stop());

  const shop: oauth.Client = { client_id: ODD.client_id };
  const resourceServer: oauth.Client = { client_id: RESOURCE_SERVER.clientId };

  const login = (authentication: oauth.ClientAuth, parameters: Record<string, string>): Promise<Response> =>
    oauth.genericTokenEndpointRequest(server, shop, authentication, 'password', parameters, options);

  async function introspect(token: string): Promise<oauth.IntrospectionResponse> {
    const authentication = oauth.ClientSecretBasic(RESOURCE_SERVER.secret);
    const response = await oauth.introspectionRequest(server, resourceServer, authentication, token, {
      additionalParameters: { token_type_hint: 'access_token' },
      ...options,
    });
    return oauth.processIntrospectionResponse(server, resourceServer, response);
  }

  it.each([
    ['client_secret_basic', oauth.ClientSecretBasic(ODD.client_secret)],
    ['client_secret_post', oauth.ClientSecretPost(ODD.client_secret)],
  ])('obtains, uses, refreshes, introspects and revokes tokens with %s', async (_name, authentication) => {
    const granted = await login(authentication, { ...ALICE, scope: 'resources:read' });
    const tokens = await oauth.processGenericTokenEndpointResponse(server, shop, granted);
    expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: 300, scope: 'resources:read' });

    const call = (token: string): Promise<Response> =>
      oauth.protectedResourceRequest(token, 'GET', new URL(stack.resources), undefined, undefined, options);
    expect((await call(tokens.access_token)).status).toBe(200);

    const { refresh_token: refreshToken = '' } = tokens;
    const response = await oauth.refreshTokenGrantRequest(
      server,
      shop,
      authentication,
      refreshToken,
      options,
    );
    const refreshed = await oauth.processRefreshTokenResponse(server, shop, response);
    expect(refreshed.refresh_token).not.toBe(refreshToken);
    expect((await call(refreshed.access_token)).status).toBe(200);

    expect(await introspect(refreshed.access_token)).toMatchObject({
      active: true,
      client_id: ODD.client_id,
    });
    const revoked = await oauth.revocationRequest(
      server,
      shop,
      authentication,
      refreshed.access_token,
      options,
    );
    await oauth.processRevocationResponse(revoked);
    expect(await introspect(refreshed.access_token)).toEqual({ active: false });
    await expect(call(refreshed.access_token)).rejects.toThrow(oauth.WWWAuthenticateChallengeError);
  });

  it('validates our JWT access tokens with the published keys', async () => {
    const granted = await login(oauth.ClientSecretBasic(ODD.client_secret), { ...ALICE });
    const { access_token: token } = await oauth.processGenericTokenEndpointResponse(server, shop, granted);
    const request = new Request(stack.resources, { headers: { authorization: `Bearer ${token}` } });
    const claims = await oauth.validateJwtAccessToken(server, request, API, options);
    expect(claims).toMatchObject({ client_id: ODD.client_id, iss: stack.issuer, aud: API });
    await expect(
      oauth.validateJwtAccessToken(server, request, 'https://other.example.com/', options),
    ).rejects.toThrow();
  });

  it('understands our refusals', async () => {
    const refused = await login(oauth.ClientSecretBasic(ODD.client_secret), { ...ALICE, password: 'wrong' });
    await expect(oauth.processGenericTokenEndpointResponse(server, shop, refused)).rejects.toMatchObject({
      error: 'invalid_grant',
      status: 400,
    });
    const stranger = await login(oauth.ClientSecretBasic('wrong'), { ...ALICE });
    await expect(oauth.processGenericTokenEndpointResponse(server, shop, stranger)).rejects.toThrow(
      oauth.WWWAuthenticateChallengeError,
    );
  });
});
