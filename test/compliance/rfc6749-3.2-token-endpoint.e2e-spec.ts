import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ALICE, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { basic, send, type Answer } from '../support/http.js';
import { startStack, type Stack } from '../support/stack.js';

const FORM = 'application/x-www-form-urlencoded';
const LOGIN = new URLSearchParams({ grant_type: 'password', ...ALICE }).toString();
const LIMIT = 64 * 1024;

describeEachDatabase('RFC 6749 section 3.2: the token endpoint', (dialect) => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack(dialect);
  });

  afterAll(() => stack.stop());

  const post = (
    body: string | Buffer | Readable | null,
    contentType: string | null = FORM,
    query = '',
    headers: Record<string, string> = {},
  ): Promise<Answer> =>
    send(`${stack.issuer}/oauth/token${query}`, {
      method: 'POST',
      headers: {
        authorization: basic(SHOP),
        ...(contentType !== null && { 'content-type': contentType }),
        ...headers,
      },
      body,
    });

  const refused = async (answer: Promise<Answer>): Promise<void> =>
    expectOAuthError(await answer, 400, 'invalid_request');

  it.each(['PUT', 'PATCH', 'DELETE'] as const)('refuses %s with a form', async (method) => {
    const answer = await send(`${stack.issuer}/oauth/token`, {
      method,
      headers: { 'content-type': FORM, authorization: basic(SHOP) },
      body: LOGIN,
    });
    expectOAuthError(answer, 405, 'method_not_allowed');
    expect(answer.headers.allow).toBe('POST');
  });

  it.each(['GET', 'OPTIONS', 'DELETE'] as const)('refuses %s without reading the query', async (method) => {
    for (const query of ['', `?${LOGIN}`]) {
      const headers = { authorization: basic(SHOP) };
      const answer = await send(`${stack.issuer}/oauth/token${query}`, { method, headers });
      expectOAuthError(answer, 405, 'method_not_allowed');
      expect(answer.headers.allow).toBe('POST');
    }
  });

  it('refuses another method before it looks at the body', async () => {
    for (const [type, body] of [
      ['application/json', '{'],
      ['text/plain', 'x'],
      [FORM, 'a=%zz'],
      [FORM, 'a'.repeat(70_000)],
    ] as const) {
      const headers = { 'content-type': type };
      const answer = await send(`${stack.issuer}/oauth/token`, { method: 'PUT', headers, body });
      expectOAuthError(answer, 405, 'method_not_allowed');
    }
    expectOAuthError(
      await send(`${stack.issuer}/oauth/token`, { method: 'TRACE' }),
      405,
      'method_not_allowed',
    );
  });

  it('refuses HEAD', async () => {
    const answer = await send(`${stack.issuer}/oauth/token`, { method: 'HEAD' });
    expect({ status: answer.status, allow: answer.headers.allow }).toEqual({ status: 405, allow: 'POST' });
  });

  it.each([
    ['all parameters', `?${LOGIN}`, ''],
    ['a parameter that the body has too', '?grant_type=password', LOGIN],
    ['the missing one', '?username=alice', LOGIN.replace('username=alice', '')],
    ['an unknown one', '?x=1', LOGIN],
  ])('refuses a query with %s', async (_name, query, body) => {
    await refused(post(body, FORM, query));
  });

  it.each([
    ['JSON', 'application/json', JSON.stringify({ grant_type: 'password', ...ALICE })],
    ['JSON that holds operators', 'application/json', '{"grant_type":"password","password":{"$ne":""}}'],
    ['broken JSON', 'application/json', '{'],
    ['text', 'text/plain', LOGIN],
    ['XML', 'application/xml', '<a/>'],
    ['no type at all', null, LOGIN],
    ['a type that starts the same', `${FORM}x`, LOGIN],
    ['half a type', 'application', LOGIN],
    ['a list of types', `${FORM}, application/json`, LOGIN],
    [
      'multipart',
      'multipart/form-data; boundary=x',
      '--x\r\ncontent-disposition: form-data; name="grant_type"\r\n\r\npassword\r\n--x--\r\n',
    ],
    ['no body', null, null],
    ['ISO 8859-1', `${FORM}; charset=iso-8859-1`, LOGIN],
    ['UTF-16', `${FORM}; charset="utf-16"`, LOGIN],
    ['an unknown charset', `${FORM};charset=x`, LOGIN],
  ])('refuses a body of %s', async (_name, type, body) => {
    await refused(post(body, type));
  });

  it.each([
    `${FORM}; charset=utf-8`,
    `${FORM};charset="UTF-8"`,
    `${FORM} ; Charset=UTF8`,
    FORM.toUpperCase(),
  ])('accepts %s', async (type) => {
    expectTokens(await post(LOGIN, type));
  });

  it.each([
    ['grant_type, with the same value', `${LOGIN}&grant_type=password`],
    ['username', `${LOGIN}&username=bob`],
    ['password', `${LOGIN}&password=wrong`],
    ['scope, both empty', `${LOGIN}&scope=&scope=`],
    ['a parameter in another spelling', `${LOGIN}&%75sername=alice`],
    ['one with a value and without', `${LOGIN}&username`],
    ['an unknown one', `${LOGIN}&x=1&x=2`],
    ['one without a name', `${LOGIN}&=1&=2`],
    ['client_id', `${LOGIN}&client_id=${SHOP.clientId}&client_id=${SHOP.clientId}`],
    ['client_secret', `${LOGIN}&client_secret=&client_secret=${SHOP.secret}`],
  ])('refuses repeated %s', async (_name, body) => {
    await refused(post(body));
  });

  it.each([
    ['username', LOGIN.replace('username=alice', 'username=')],
    ['username without an equals sign', LOGIN.replace('username=alice', 'username')],
    ['password', LOGIN.replace(/password=correct[^&]*/, 'password=')],
    ['grant_type', LOGIN.replace('grant_type=password', 'grant_type=')],
    ['everything', ''],
  ])('takes an empty %s for a missing one', async (_name, body) => {
    await refused(post(body));
  });

  it('takes an empty scope for no scope, and an empty resource for none', async () => {
    const tokens = expectTokens(await post(`${LOGIN}&scope=&resource=`));
    expect(tokens.scope).toBe('resources:read resources:write');
  });

  it('ignores unknown parameters and stray separators', async () => {
    const names = [
      'x',
      '__proto__',
      'constructor',
      'toString',
      'grant_type ',
      'Grant_Type',
      'username[]',
      '\0',
    ];
    const unknown = names.map((name) => `${encodeURIComponent(name)}=1`).join('&&');
    expectTokens(await post(`&&${unknown}&${LOGIN}&`));
  });

  it.each([
    ['an operator as password', `${LOGIN.replace('password=correct', 'password[$ne]=correct')}`],
    ['an array as user name', LOGIN.replace('username=', 'username[]=')],
    ['an object as grant type', LOGIN.replace('grant_type=', 'grant_type[a]=')],
    ['an escaped array', LOGIN.replace('username=', 'username%5B0%5D=')],
    ['a byte order mark before the first name', `\ufeff${LOGIN}`],
    ['an escaped byte order mark there', `%EF%BB%BF${LOGIN}`],
    ['a compressed body', Buffer.from('1f8b0800000000000003', 'hex')],
  ])('does not find its parameters in %s', async (_name, body) => {
    await refused(post(body));
  });

  it.each(['%', '%4', '%zz', '%u0041', '%FF', '%C3', '%C0%AF', '%ED%A0%80', '%F5%80%80%80', '%E0%A4'])(
    'refuses the escape %s in a value, in a name and in what it does not know',
    async (escape) => {
      await refused(post(`${LOGIN}${escape}`));
      await refused(post(`${LOGIN}&x=${escape}`));
      await refused(post(`${LOGIN}&${escape}=x`));
    },
  );

  it.each(['ff', 'c3', 'c0af', 'eda080', 'f5808080'])(
    'refuses the bytes %s, which are not UTF-8',
    async (hex) => {
      await refused(post(Buffer.concat([Buffer.from(`${LOGIN}&x=`), Buffer.from(hex, 'hex')])));
    },
  );

  it('takes UTF-8 that is not escaped', async () => {
    expectTokens(await post(`${LOGIN}&x=é😀`));
  });

  describe('a body', () => {
    const ofSize = (bytes: number): string => `${LOGIN}&x=`.padEnd(bytes, 'x');

    it('of 64 KiB is read', async () => {
      expectTokens(await post(ofSize(LIMIT)));
    });

    it.each([
      ['one byte over 64 KiB', () => ofSize(LIMIT + 1)],
      ['over 64 KiB that does not tell its size', () => Readable.from([ofSize(LIMIT), 'x'])],
      ['of 1 MiB', () => ofSize(1024 * 1024)],
    ])('%s is refused', async (_name, body) => {
      expectOAuthError(await post(body(), FORM, '', { connection: 'close' }), 413, 'invalid_request');
    });
  });

  it('does not let the scripts of other origins in', async () => {
    const headers = { origin: 'https://evil.example' };
    const preflight = await send(`${stack.issuer}/oauth/token`, {
      method: 'OPTIONS',
      headers: { ...headers, 'access-control-request-method': 'POST' },
    });
    expectOAuthError(preflight, 405, 'method_not_allowed');
    const answer = await post(LOGIN, FORM, '', headers);
    expectTokens(answer);
    for (const { headers: sent } of [preflight, answer]) {
      expect(Object.keys(sent).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
  });

  it.each([
    '/oauth/token/',
    '/oauth//token',
    '/OAUTH/TOKEN',
    '/oauth/token;x',
    '/oauth/token%00',
    '/oauth/%zz',
  ])('is not at %s', async (path) => {
    const answer = await send(`${stack.issuer}${path}`, { method: 'POST' });
    expect([400, 404]).toContain(answer.status);
    expect(answer.json).toEqual({ error: expect.any(String), error_description: expect.any(String) });
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});
