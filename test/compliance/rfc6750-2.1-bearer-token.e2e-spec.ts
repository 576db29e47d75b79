import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aConfiguration, ALICE, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectBearerChallenge, expectTokens } from '../support/expectations.js';
import { api, basic, postForm, send, type Answer, type Credentials } from '../support/http.js';
import { aClientNamed, credentialsOf } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

const OPAQUE = credentialsOf('opaque-backend');
const NOTE = { name: 'note', content: 'hello' };

describeEachDatabase('RFC 6750 section 2.1: the Authorization header', (dialect) => {
  let stack: Stack;

  beforeAll(async () => {
    const configuration = aConfiguration();
    configuration.clients.push(aClientNamed(OPAQUE.clientId, { access_token_format: 'opaque' }));
    stack = await startStack(dialect, { configuration, resourceServer: true });
  });

  afterAll(() => stack.stop());

  const withHeader = (authorization: string): Promise<Answer> =>
    send(stack.resources, { headers: { authorization } });

  describe.each([
    ['a JWT', SHOP as Credentials],
    ['an opaque token', OPAQUE],
  ])('with %s', (_name, client) => {
    let token: string;

    beforeAll(async () => {
      token = expectTokens(await stack.login(ALICE, {}, client)).access_token;
    });

    it('opens the resource', async () => {
      const created = await api('POST', stack.resources, token, NOTE);
      expect(created.status).toBe(201);
      const { id } = created.json as { id: string };
      expect((await api('GET', `${stack.resources}/${id}`, token)).json).toMatchObject(NOTE);
    });

    it.each(['Bearer', 'bearer', 'BEARER', 'bEaReR'])('takes the scheme as %s', async (scheme) => {
      expect((await withHeader(`${scheme} ${token}`)).status).toBe(200);
    });

    it('takes more than one space before the token', async () => {
      expect((await withHeader(`Bearer   ${token}`)).status).toBe(200);
    });

    it.each<[string, (token: string) => string]>([
      ['the token alone', (text) => text],
      ['another scheme', (text) => `Token ${text}`],
      ['a scheme that starts the same', (text) => `BearerX ${text}`],
      ['a scheme that ends the same', (text) => `NotBearer ${text}`],
      ['the scheme of clients', () => basic(SHOP)],
    ])('finds no token in %s', async (_case, header) => {
      expectBearerChallenge(await withHeader(header(token)), 401, null);
    });

    it.each<[string, (token: string) => string]>([
      ['the scheme alone', () => 'Bearer'],
      ['a token in quotes', (text) => `Bearer "${text}"`],
      ['a token with something behind it', (text) => `Bearer ${text} x`],
      ['a parameter', (text) => `Bearer token=${text}`],
      ['a token cut short', (text) => `Bearer ${text.slice(0, -1)}`],
      ['a token that is too long', (text) => `Bearer ${text}${'A'.repeat(9000)}`],
    ])('refuses %s', async (_case, header) => {
      expectBearerChallenge(await withHeader(header(token)), 401, 'invalid_token');
    });

    it('ignores a token in the query (section 2.3)', async () => {
      const answer = await send(`${stack.resources}?access_token=${encodeURIComponent(token)}`);
      expectBearerChallenge(answer, 401, null);
    });

    it('takes no token from a form (section 2.2)', async () => {
      const answer = await postForm(stack.resources, { access_token: token, ...NOTE }, null);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
    });

    it('refuses a token in the header and in the query', async () => {
      const url = `${stack.resources}?access_token=${encodeURIComponent(token)}`;
      expectBearerChallenge(await api('GET', url, token), 400, 'invalid_request');
    });

    it('refuses two Authorization headers', async () => {
      for (const second of [`Bearer ${token}`, basic(SHOP), 'Bearer other']) {
        const headers = ['authorization', `Bearer ${token}`, 'Authorization', second];
        expectBearerChallenge(await send(stack.resources, { headers }), 400, 'invalid_request');
      }
    });

    it('takes only an access token', async () => {
      const { refresh_token: refreshToken = '' } = expectTokens(await stack.login(ALICE, {}, client));
      expectBearerChallenge(await withHeader(`Bearer ${refreshToken}`), 401, 'invalid_token');
    });

    it('never writes the token to a log', async () => {
      await api('GET', stack.resources, token);
      await send(`${stack.resources}?access_token=${encodeURIComponent(token)}`);
      expect(stack.log.filter((line) => line.includes(token.slice(-40)))).toEqual([]);
    });
  });
});
