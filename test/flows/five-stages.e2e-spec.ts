import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ALICE, BOB } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectBearerChallenge, expectOAuthError, expectTokens } from '../support/expectations.js';
import { api } from '../support/http.js';
import { startStack, type Stack } from '../support/stack.js';

interface Resource {
  id: string;
  name: string;
  content: string;
  owner: string;
}

describeEachDatabase('The five stages of the password grant', (dialect) => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack(dialect, { resourceServer: true });
  });

  afterAll(() => stack.stop());

  it('leads from a password to a protected resource', async () => {
    // Stages 1 to 3: the client has alice's credentials and exchanges them for tokens.
    const tokens = expectTokens(await stack.login(ALICE));
    expect(tokens).toMatchObject({ expires_in: 300, scope: 'resources:read resources:write' });
    expect(tokens.refresh_token).toMatch(/^lkr_/);

    // Stages 4 and 5: it calls the resource server, which asks the authorization server.
    const created = await api('POST', stack.resources, tokens.access_token, {
      name: 'note',
      content: 'hello',
    });
    expect(created.status).toBe(201);
    const resource = created.json as Resource;
    const read = await api('GET', `${stack.resources}/${resource.id}`, tokens.access_token);
    expect(read.status).toBe(200);
    expect(read.json).toMatchObject({ name: 'note', content: 'hello', owner: resource.owner });
  });

  it('refuses a wrong password', async () => {
    expectOAuthError(await stack.login({ ...ALICE, password: 'wrong' }), 400, 'invalid_grant');
  });

  it('refuses a call without a token, with a made-up one, and with one that lacks the scope', async () => {
    expectBearerChallenge(await api('GET', stack.resources, null), 401, null);
    expectBearerChallenge(await api('GET', stack.resources, 'made-up'), 401, 'invalid_token');
    const reader = expectTokens(await stack.login(ALICE, { scope: 'resources:read' }));
    const refused = await api('POST', stack.resources, reader.access_token, { name: 'a', content: 'b' });
    expectBearerChallenge(refused, 403, 'insufficient_scope');
    expect(refused.headers['www-authenticate']).toContain('scope="resources:write"');
  });

  it("hides another owner's resource until it is shared, and then as far as it is", async () => {
    const alice = expectTokens(await stack.login(ALICE)).access_token;
    const bob = expectTokens(await stack.login(BOB)).access_token;
    const { id } = (await api('POST', stack.resources, alice, { name: 'shared', content: 'x' }))
      .json as Resource;
    const { owner: bobsSub } = (await api('POST', stack.resources, bob, { name: 'own', content: 'y' }))
      .json as Resource;
    const url = `${stack.resources}/${id}`;
    expect((await api('GET', url, bob)).status).toBe(404);
    expect((await api('PUT', url, bob, { name: 'taken', content: 'z' })).status).toBe(404);
    expect((await api('DELETE', url, bob)).status).toBe(404);

    const permissions = [{ sub: bobsSub, access: 'read' }];
    expect((await api('PUT', `${url}/permissions`, alice, { permissions })).status).toBe(200);
    expect((await api('GET', url, bob)).status).toBe(200);
    expect((await api('PUT', url, bob, { name: 'taken', content: 'z' })).status).toBe(403);
  });

  it('refuses the access token from the moment its authorization is revoked', async () => {
    const { access_token: token, refresh_token: refreshToken = '' } = expectTokens(await stack.login(ALICE));
    expect((await api('GET', stack.resources, token)).status).toBe(200);
    expect((await stack.revoke(refreshToken)).status).toBe(200);
    expectBearerChallenge(await api('GET', stack.resources, token), 401, 'invalid_token');
    expectOAuthError(await stack.refresh(refreshToken), 400, 'invalid_grant');
  });
});
