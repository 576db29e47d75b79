import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { administerUser } from '../support/administration.js';
import { aConfiguration, ALICE, aUser, BOB, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectBearerChallenge, expectSameAnswer, expectTokens } from '../support/expectations.js';
import { api, type Answer } from '../support/http.js';
import { aClientNamed, credentialsOf } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';
import { altered } from '../support/tokens.js';
import { reissue } from '../support/tokens.js';

const ELSEWHERE = credentialsOf('for-another-api');
const MACHINE = credentialsOf('machine');
const LEAVING = { username: 'leaving', password: 'until tomorrow' };
const NOTE = { name: 'note', content: 'hello' };
const SOME_ID = '01933b3e-7d3a-7000-8000-000000000000';

describeEachDatabase('RFC 6750 section 3: the WWW-Authenticate challenge', (dialect) => {
  let stack: Stack;
  let token: string;

  beforeAll(async () => {
    const configuration = aConfiguration({ users: [aUser(), aUser(BOB), aUser(LEAVING)] });
    configuration.clients.push(
      aClientNamed(ELSEWHERE.clientId, { audience: ['https://other.example.com/'] }),
      aClientNamed(MACHINE.clientId, { grant_types: ['client_credentials'] }),
    );
    stack = await startStack(dialect, { configuration, resourceServer: true });
    token = expectTokens(await stack.login(ALICE)).access_token;
  });

  afterAll(() => stack.stop());

  const get = (bearer: string | null): Promise<Answer> => api('GET', stack.resources, bearer);

  it('tells who asks without a token where to begin, and no error', async () => {
    const answer = await get(null);
    expectBearerChallenge(answer, 401, null);
    expect(answer.headers['www-authenticate']).toBe(
      'Bearer realm="resources", resource_metadata="https://api.example.com/.well-known/oauth-protected-resource"',
    );
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it.each([
    ['GET', ''],
    ['POST', ''],
    ['GET', `/${SOME_ID}`],
    ['PUT', `/${SOME_ID}`],
    ['DELETE', `/${SOME_ID}`],
    ['PUT', `/${SOME_ID}/permissions`],
  ] as const)('stands before %s /resources%s', async (method, path) => {
    const body = method === 'GET' || method === 'DELETE' ? undefined : {};
    expectBearerChallenge(await api(method, stack.resources + path, null, body), 401, null);
    expectBearerChallenge(await api(method, stack.resources + path, 'made-up', body), 401, 'invalid_token');
  });

  describe('answers invalid_token, in the same words, for a token that', () => {
    const cases: [string, () => string | Promise<string>][] = [
      ['is made up', () => 'made-up'],
      ['has expired', () => reissue(stack, token, { exp: Math.floor(Date.now() / 1000) - 1 })],
      ['has another issuer', () => reissue(stack, token, { iss: 'https://other.example.com' })],
      ['is for another API', async () => (await loginElsewhere()).access_token],
      ['was altered', () => altered(token)],
      ['was revoked', revoked],
      ['belongs to a disabled user', ofDisabledUser],
      ['is a refresh token', async () => expectTokens(await stack.login(ALICE)).refresh_token ?? ''],
    ];

    it.each(cases)('%s', async (_name, make) => {
      const answer = await get(await make());
      expectBearerChallenge(answer, 401, 'invalid_token');
      expectSameAnswer(await get('unknown'), answer);
    });

    const loginElsewhere = async () => expectTokens(await stack.login(ALICE, {}, ELSEWHERE));

    async function revoked(): Promise<string> {
      const tokens = expectTokens(await stack.login(ALICE));
      expect((await get(tokens.access_token)).status).toBe(200);
      await stack.revoke(tokens.access_token, SHOP);
      return tokens.access_token;
    }

    async function ofDisabledUser(): Promise<string> {
      const tokens = expectTokens(await stack.login(LEAVING));
      expect((await get(tokens.access_token)).status).toBe(200);
      await administerUser(stack, LEAVING.username).disable();
      return tokens.access_token;
    }
  });

  it.each([
    ['GET', '', 'resources:write', 'resources:read'],
    ['POST', '', 'resources:read', 'resources:write'],
    ['PUT', `/${SOME_ID}`, 'resources:read', 'resources:write'],
    ['DELETE', `/${SOME_ID}`, 'resources:read', 'resources:write'],
    ['PUT', `/${SOME_ID}/permissions`, 'resources:read', 'resources:write'],
  ] as const)('names the scope that %s /resources%s lacks', async (method, path, scope, missing) => {
    const { access_token: narrow } = expectTokens(await stack.login(ALICE, { scope }));
    const body = method === 'GET' || method === 'DELETE' ? undefined : NOTE;
    const answer = await api(method, stack.resources + path, narrow, body);
    expectBearerChallenge(answer, 403, 'insufficient_scope');
    expect(answer.headers['www-authenticate']).toContain(`scope="${missing}"`);
  });

  it('follows a scope that is taken away and given back while the token lives', async () => {
    const { access_token: bobs } = expectTokens(await stack.login(BOB));
    const bob = administerUser(stack, BOB.username);
    await bob.limit('resources:write');
    expectBearerChallenge(await get(bobs), 403, 'insufficient_scope');
    await bob.limit(null);
    expect((await get(bobs)).status).toBe(200);
  });

  it('is not sent where no other token would help', async () => {
    const issued = await stack.token({ grant_type: 'client_credentials' }, MACHINE);
    const answer = await get(expectTokens(issued).access_token);
    expect(answer.status).toBe(403);
    expect(answer.json).toMatchObject({ error: 'access_denied' });
    expect(answer.headers['www-authenticate']).toBeUndefined();
  });
});
