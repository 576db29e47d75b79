import { request as rawRequest } from 'node:http';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { aClient, aConfiguration, ALICE, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectTokens } from '../support/expectations.js';
import { basic } from '../support/http.js';
import { aClientNamed, claimsOf, credentialsOf } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

const SHORT = credentialsOf('short-lived');
const WITHOUT_REFRESH = credentialsOf('without-refresh');
const WITH_GRANT_ONLY = credentialsOf('refresh-policy-none');

describeEachDatabase('RFC 6749 section 5.1: successful response', (dialect) => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack(dialect, {
      configuration: aConfiguration({
        clients: [
          aClient(),
          aClientNamed(SHORT.clientId, { access_token_ttl: 60 }),
          aClientNamed(WITHOUT_REFRESH.clientId, { grant_types: ['password'] }),
          aClientNamed(WITH_GRANT_ONLY.clientId, { refresh_token_policy: 'none' }),
        ],
      }),
    });
  });

  afterAll(() => stack.stop());

  it('is JSON that no cache keeps, with these members and no others', async () => {
    const answer = await stack.login(ALICE);
    const tokens = expectTokens(answer);
    expect(answer.headers['content-type']).toMatch(/^application\/json(; *charset=utf-8)?$/i);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(tokens).toEqual({
      access_token: expect.stringMatching(/^[A-Za-z0-9\-._~+/]+=*$/),
      token_type: 'Bearer',
      expires_in: 300,
      refresh_token: expect.stringMatching(/^[\x21-\x7e]+$/),
      scope: 'resources:read resources:write',
    });
    expect(expectTokens(await stack.refresh(tokens.refresh_token ?? ''))).toEqual({
      ...tokens,
      access_token: expect.not.stringMatching(tokens.access_token),
      refresh_token: expect.not.stringMatching(tokens.refresh_token ?? ''),
    });
  });

  it('tells how long the access token lives', async () => {
    const tokens = expectTokens(await stack.login(ALICE, {}, SHORT));
    const { exp, iat } = claimsOf(tokens);
    expect(tokens.expires_in).toBe(60);
    expect(Number(exp) - Number(iat)).toBe(60);
  });

  it.each([
    ['the grant', WITHOUT_REFRESH],
    ['a policy for it', WITH_GRANT_ONLY],
  ])('has no refresh token for a client without %s', async (_name, client) => {
    expect(Object.keys(expectTokens(await stack.login(ALICE, {}, client)))).toEqual([
      'access_token',
      'token_type',
      'expires_in',
      'scope',
    ]);
  });

  it('names the scope that was granted, also when it is what was asked for', async () => {
    const parameters = { scope: 'resources:read' };
    const tokens = expectTokens(await stack.login(ALICE, parameters));
    expect(tokens.scope).toBe(parameters.scope);
    expect(claimsOf(tokens).scope).toBe(parameters.scope);
  });

  it('gives every login tokens of its own', async () => {
    const [first, second] = [expectTokens(await stack.login(ALICE)), expectTokens(await stack.login(ALICE))];
    expect(second.access_token).not.toBe(first.access_token);
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(claimsOf(second).sid).not.toBe(claimsOf(first).sid);
  });

  it.each(['/oauth/token', '/%6fauth/token', '/oauth/%74oken', 'http://other.example/oauth/token'])(
    'is kept out of caches however the path %s is written',
    async (path) => {
      const { status, headers } = await postTo(stack.issuer, path);
      expect(status).toBe(200);
      expect(headers['cache-control']).toBe('no-store');
      expect(headers.pragma).toBe('no-cache');
    },
  );
});

/** Sends the request target as it is, which clients that know URLs do not. */
function postTo(
  issuer: string,
  path: string,
): Promise<{ status: number | undefined; headers: NodeJS.Dict<string | string[]> }> {
  const { hostname, port } = new URL(issuer);
  const headers = { 'content-type': 'application/x-www-form-urlencoded', authorization: basic(SHOP) };
  return new Promise((resolve, reject) => {
    rawRequest({ hostname, port, path, method: 'POST', headers }, (response) => {
      response.resume();
      resolve({ status: response.statusCode, headers: response.headers });
    })
      .on('error', reject)
      .end(new URLSearchParams({ grant_type: 'password', ...ALICE }).toString());
  });
}
