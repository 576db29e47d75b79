import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { administerClient } from '../support/administration.js';
import { aClient, aConfiguration, ALICE, aResourceServer, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectSameAnswer, expectTokens } from '../support/expectations.js';
import { basic, postForm, rawBasic, send, type Answer, type Credentials } from '../support/http.js';
import { startStack, type Stack } from '../support/stack.js';

const PUBLIC = 'public-app';
const DISABLED: Credentials = { clientId: 'disabled-backend', secret: 'disabled-backend-secret-0123456789' };

const ODD_CLIENTS: readonly Credentials[] = [
  { clientId: '1PpG/Q 1', secret: 'a+b%c:d e/f=g&h?i~j"k\\l' },
  { clientId: 'with:colons:', secret: ':starts and ends with one:' },
  { clientId: '100%41', secret: '%2B' },
  { clientId: 'https://client.example/app?x=1', secret: ' spaces around ' },
  { clientId: 'i'.repeat(255), secret: 's'.repeat(1024) },
  { clientId: '+', secret: '+' },
];

describeEachDatabase('RFC 6749 section 2.3: client authentication', (dialect) => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack(dialect, {
      configuration: aConfiguration({
        clients: [
          aClient(),
          aResourceServer(),
          aClient({ client_id: DISABLED.clientId, client_secret: DISABLED.secret, enabled: false }),
          aClient({
            client_id: PUBLIC,
            client_type: 'public',
            client_secret: undefined,
            grant_types: ['refresh_token'],
          }),
          ...ODD_CLIENTS.map(({ clientId, secret }) =>
            aClient({ client_id: clientId, client_secret: secret }),
          ),
        ],
      }),
    });
  });

  afterAll(() => stack.stop());

  /** What follows client authentication answers this, so that a test sees whether it was passed. */
  const form = { grant_type: 'no-such-grant' };
  const expectPassed = (answer: Answer): void => expectOAuthError(answer, 400, 'unsupported_grant_type');

  const withHeader = (authorization: string, parameters: Record<string, string> = {}): Promise<Answer> =>
    postForm(`${stack.issuer}/oauth/token`, { ...form, ...parameters }, null, { authorization });
  const withBody = (parameters: Record<string, string>): Promise<Answer> =>
    stack.token({ ...form, ...parameters }, null);

  describe.each(ODD_CLIENTS.map((client) => [client.clientId.slice(0, 30), client] as const))(
    'the client %j',
    (_name, client) => {
      it('authenticates by Basic, form-encoded, and in the body', async () => {
        expectPassed(await stack.token(form, client));
        expectPassed(await withBody({ client_id: client.clientId, client_secret: client.secret }));
      });

      it('is refused with one character more', async () => {
        const longer = { ...client, secret: `${client.secret}x` };
        expectOAuthError(await stack.token(form, longer), 401, 'invalid_client');
        const body = { client_id: longer.clientId, client_secret: longer.secret };
        expectOAuthError(await withBody(body), 401, 'invalid_client');
      });
    },
  );

  it.each([
    ['a space as +', '1PpG%2FQ+1:a%2Bb%25c%3Ad+e%2Ff%3Dg%26h%3Fi~j%22k%5Cl'],
    ['a space as %20', '1PpG%2FQ%201:a%2Bb%25c%3Ad%20e%2Ff%3Dg%26h%3Fi~j%22k%5Cl'],
    ['lower-case escapes', '1PpG%2fQ+1:a%2bb%25c%3ad+e%2ff%3dg%26h%3fi~j%22k%5cl'],
    ['escapes nobody needs', '%31PpG%2FQ+1:%61%2Bb%25c%3Ad+e%2Ff%3Dg%26h%3Fi%7Ej%22k%5Cl'],
    ['what must be encoded left alone', '1PpG/Q 1:a%2Bb%25c:d e/f=g&h?i~j"k\\l'],
    ['a secret that starts with a bare colon', 'with%3Acolons%3A::starts+and+ends+with+one:'],
  ])('reads %s', async (_name, content) => {
    expectPassed(await withHeader(rawBasic(content)));
  });

  it.each(['Basic', 'basic', 'BASIC', 'bAsIc'])('takes the scheme as %s', async (scheme) => {
    expectPassed(await withHeader(basic(SHOP).replace('Basic', scheme)));
  });

  it('takes base64 without padding, and more than one space before it', async () => {
    const padded = rawBasic(`${SHOP.clientId}:${SHOP.secret}`);
    expect(padded).toMatch(/=$/);
    expectPassed(await withHeader(padded.replace(/=+$/, '')));
    expectPassed(await withHeader(padded.replace(' ', '   ')));
  });

  describe('refuses with one and the same answer', () => {
    const good = rawBasic(`${SHOP.clientId}:${SHOP.secret}`);
    const shop = (content: string | Buffer): string => rawBasic(content);

    it.each([
      ['nothing', ''],
      ['the scheme alone', 'Basic'],
      ['another scheme', good.replace('Basic', 'NotBasic')],
      ['another scheme and nonsense', 'NotBasic x'],
      ['a bearer token', 'Bearer x'],
      ['the credentials without a scheme', good.slice('Basic '.length)],
      ['something behind the credentials', `${good} x`],
      ['two credentials in one header', `${good}, ${good}`],
      ['no base64', 'Basic !!!!'],
      ['base64url', 'Basic c2hvcDo_Pj8-'],
      ['base64 with stray bits', good.replace(/g==$/, 'h==')],
      ['too much padding', `${good}==`],
      ['no colon', shop(SHOP.clientId)],
      ['an empty client_id', shop(`:${SHOP.secret}`)],
      ['an empty secret', shop(`${SHOP.clientId}:`)],
      ['nothing but a colon', shop(':')],
      ['a broken percent escape in the client_id', shop(`%zz:${SHOP.secret}`)],
      ['a broken percent escape in the secret', shop(`${SHOP.clientId}:%`)],
      ['a percent escape cut short', shop(`${SHOP.clientId}:%4`)],
      ['escapes that are not UTF-8', shop(`${SHOP.clientId}:%FF`)],
      ['an escaped surrogate', shop(`${SHOP.clientId}:%ED%A0%80`)],
      ['bytes that are not UTF-8', shop(Buffer.from(`${SHOP.clientId}:\xff`, 'latin1'))],
      ['characters beyond ASCII', shop(`${SHOP.clientId}:é`)],
      ['escaped characters beyond ASCII', shop(`${SHOP.clientId}:%C3%A9`)],
      ['a byte order mark', shop(`\ufeff${SHOP.clientId}:${SHOP.secret}`)],
      ['NUL', shop(`${SHOP.clientId}:${SHOP.secret}\0`)],
      ['an escaped NUL in the client_id', shop(`${SHOP.clientId}%00:${SHOP.secret}`)],
      ['a wrong secret', basic({ ...SHOP, secret: 'wrong' })],
      ['the secret in another case', basic({ ...SHOP, secret: SHOP.secret.toUpperCase() })],
      ['the client_id in another case', basic({ ...SHOP, clientId: SHOP.clientId.toUpperCase() })],
      ['an unknown client', basic({ clientId: 'unknown', secret: SHOP.secret })],
      ['a disabled client with its right secret', basic(DISABLED)],
      ['a public client with a secret', basic({ clientId: PUBLIC, secret: 'secret' })],
      ['a client_id that is too long', basic({ clientId: 'i'.repeat(256), secret: SHOP.secret })],
      ['a secret that is too long', basic({ ...SHOP, secret: 's'.repeat(1025) })],
    ])('%s in the header', async (_name, authorization) => {
      const answer = await withHeader(authorization);
      expectOAuthError(answer, 401, 'invalid_client');
      expectSameAnswer(await stack.token(form, { ...SHOP, secret: 'wrong' }), answer);
    });

    it.each<[string, Record<string, string>]>([
      ['nothing', {}],
      ['a confidential client without a secret', { client_id: SHOP.clientId }],
      ['an empty secret', { client_id: SHOP.clientId, client_secret: '' }],
      ['a secret alone', { client_secret: SHOP.secret }],
      ['a wrong secret', { client_id: SHOP.clientId, client_secret: 'wrong' }],
      ['an unknown client', { client_id: 'unknown', client_secret: SHOP.secret }],
      ['an unknown client without a secret', { client_id: 'unknown' }],
      ['a disabled client', { client_id: DISABLED.clientId, client_secret: DISABLED.secret }],
      ['a public client with a secret', { client_id: PUBLIC, client_secret: 'secret' }],
      ['NUL in the client_id', { client_id: `${SHOP.clientId}\0`, client_secret: SHOP.secret }],
      ['NUL in the secret', { client_id: SHOP.clientId, client_secret: `${SHOP.secret}\0` }],
      ['a line break in the secret', { client_id: SHOP.clientId, client_secret: `${SHOP.secret}\n` }],
      ['characters beyond ASCII', { client_id: 'é', client_secret: 'é' }],
      ['a client_id that is too long', { client_id: 'i'.repeat(256), client_secret: SHOP.secret }],
      ['a secret of 60 KiB', { client_id: SHOP.clientId, client_secret: 's'.repeat(60 * 1024) }],
    ])('%s in the body', async (_name, parameters) => {
      const answer = await withBody(parameters);
      expectOAuthError(answer, 401, 'invalid_client');
      expectSameAnswer(await stack.token(form, { ...SHOP, secret: 'wrong' }), answer);
    });

    it.each(['introspect', 'revoke'])('at /oauth/%s', async (endpoint) => {
      const url = `${stack.issuer}/oauth/${endpoint}`;
      const unknown = await postForm(url, { token: 'x' }, { clientId: 'unknown', secret: 'x' });
      expectOAuthError(unknown, 401, 'invalid_client');
      expectSameAnswer(unknown, await postForm(url, { token: 'x' }, DISABLED));
      expectSameAnswer(unknown, await postForm(url, { token: 'x' }, null));
    });
  });

  it('takes a public client by its client_id alone, in the body', async () => {
    expectPassed(await withBody({ client_id: PUBLIC }));
    expectPassed(await withBody({ client_id: PUBLIC, client_secret: '' }));
  });

  it('accepts the same client_id in the body beside Basic', async () => {
    expectTokens(await stack.login(ALICE, { client_id: SHOP.clientId }));
    expectPassed(await withHeader(basic(SHOP), { client_id: SHOP.clientId, client_secret: '' }));
  });

  it.each<[string, Record<string, string>]>([
    ['another client_id', { client_id: PUBLIC }],
    ['the client_id in another case', { client_id: SHOP.clientId.toUpperCase() }],
    ['the same secret', { client_secret: SHOP.secret }],
    ['both again', { client_id: SHOP.clientId, client_secret: SHOP.secret }],
    ['another secret', { client_id: SHOP.clientId, client_secret: 'another' }],
  ])('refuses Basic and in the body %s', async (_name, parameters) => {
    expectOAuthError(await withHeader(basic(SHOP), parameters), 400, 'invalid_request');
  });

  it('refuses two Authorization headers', async () => {
    const headers = ['content-type', 'application/x-www-form-urlencoded'];
    for (const other of [basic(DISABLED), basic(SHOP)]) {
      const answer = await send(`${stack.issuer}/oauth/token`, {
        method: 'POST',
        headers: [...headers, 'authorization', basic(SHOP), 'Authorization', other],
        body: new URLSearchParams(form).toString(),
      });
      expectOAuthError(answer, 400, 'invalid_request');
    }
  });

  it('accepts every secret until it expires', async () => {
    const now = Date.now();
    await administerClient(stack, SHOP.clientId).addSecret('expired-secret', now - 1);
    await administerClient(stack, SHOP.clientId).addSecret('next-secret', now + 3_600_000);
    expectPassed(await stack.token(form, { ...SHOP, secret: 'next-secret' }));
    expectPassed(await stack.token(form, SHOP));
    const expired = await stack.token(form, { ...SHOP, secret: 'expired-secret' });
    expectOAuthError(expired, 401, 'invalid_client');
    expectSameAnswer(await stack.token(form, { ...SHOP, secret: 'wrong' }), expired);
  });
});
