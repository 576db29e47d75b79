import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ResourceOwnerPassword } from 'simple-oauth2';
import { ALICE, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectActive, expectBearerChallenge, expectInactive } from '../support/expectations.js';
import { api } from '../support/http.js';
import { startStack, type Stack } from '../support/stack.js';

const SCOPE = ['resources:read', 'resources:write'];

describeEachDatabase('simple-oauth2', (dialect) => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack(dialect, { resourceServer: true });
  });

  afterAll(() => stack.stop());

  describe.each(['header', 'body'] as const)('with the client in the %s', (authorizationMethod) => {
    const grantFor = (secret: string = SHOP.secret): ResourceOwnerPassword =>
      new ResourceOwnerPassword({
        client: { id: SHOP.clientId, secret },
        auth: {
          tokenHost: stack.issuer,
          tokenPath: '/oauth/token',
          refreshPath: '/oauth/token',
          revokePath: '/oauth/revoke',
        },
        options: { authorizationMethod },
      });

    it('obtains, uses, refreshes and revokes tokens', async () => {
      const login = await grantFor().getToken({ ...ALICE, scope: SCOPE });
      expect(login.token.scope).toBe(SCOPE.join(' '));
      expect(login.expired()).toBe(false);
      expect((await api('GET', stack.resources, login.token.access_token)).status).toBe(200);

      const narrowed = await login.refresh({ scope: 'resources:read' });
      expect(narrowed.token.scope).toBe('resources:read');
      expect(narrowed.token.refresh_token).not.toBe(login.token.refresh_token);
      const { access_token: token } = narrowed.token;
      expect((await api('GET', stack.resources, token)).status).toBe(200);
      expectBearerChallenge(await api('POST', stack.resources, token, {}), 403, 'insufficient_scope');

      // It has no call for introspection, which is the resource server's.
      expectActive(await stack.introspect(token));
      await narrowed.revokeAll();
      expectInactive(await stack.introspect(token));
      expectBearerChallenge(await api('GET', stack.resources, token), 401, 'invalid_token');
      await expect(narrowed.refresh()).rejects.toThrow(/400/);
    });

    it('understands our refusals', async () => {
      await expect(grantFor().getToken({ ...ALICE, password: 'wrong' })).rejects.toMatchObject({
        data: { payload: { error: 'invalid_grant' } },
        output: { statusCode: 400 },
      });
      await expect(grantFor('wrong').getToken(ALICE)).rejects.toMatchObject({
        data: { payload: { error: 'invalid_client' } },
        output: { statusCode: 401 },
      });
    });
  });
});
