import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import {
  administerClient,
  administerUser,
  newClient,
  newUserLike,
  type Owner,
} from '../support/administration.js';
import { ALICE, API, SHOP } from '../support/builders.js';
import { restoreClock, setClock } from '../support/clock.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectActive, expectInactive, expectOAuthError, expectSameAnswer } from '../support/expectations.js';
import { basic, postForm, type Answer, type Credentials, type Form } from '../support/http.js';
import { exchange, parseAnswer } from '../support/raw-http.js';
import { expectSession, type Session } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

/** What is answered from memory has to be what the database would have said. */
describeEachDatabase('Introspection of what memory knows', (dialect) => {
  let stack: Stack;
  /** How often the database was asked about an authorization. */
  let asked: number;
  let owner: Owner;
  let shop: Credentials;
  let api: Credentials;
  let session: Session;

  beforeAll(async () => {
    stack = await startStack(dialect);
    const { database } = stack;
    const query = database.query.bind(database);
    database.query = (...parameters) => {
      if (parameters[0].sql.includes('authorizations')) asked++;
      return query(...parameters);
    };
  });

  afterEach(restoreClock);

  afterAll(() => stack.stop());

  beforeEach(async () => {
    owner = await newUserLike(stack, ALICE);
    shop = await newClient(stack);
    api = await newClient(stack, { mayIntrospect: true, audience: [API], grantTypes: [] });
    session = expectSession(await stack.login(owner, {}, shop));
    await becomeRemembered(session);
  });

  const ask = (form: Form, client: Credentials | null = api, headers: Record<string, string> = {}) =>
    postForm(`${stack.issuer}/oauth/introspect`, form, client, headers);

  const token = () => ({ token: session.access_token });

  async function becomeRemembered({ access_token }: Session): Promise<void> {
    expectActive(await ask({ token: access_token }));
    asked = 0;
    expectActive(await ask({ token: access_token }));
    expect(asked).toBe(0);
  }

  it.each(['jwt', 'opaque'] as const)(
    'is answered with the same, for the format %s',
    async (accessTokenFormat) => {
      const other = await newClient(stack, { accessTokenFormat });
      const { access_token } = expectSession(await stack.login(owner, {}, other));
      const first = await ask({ token: access_token });
      asked = 0;
      const second = await ask({ token: access_token });
      expect(asked).toBe(0);
      expectActive(second);
      expectSameAnswer(first, second);
    },
  );

  const others: [string, () => Promise<Answer>, (answer: Answer) => void][] = [
    [
      'parameters in the query',
      () => postForm(`${stack.issuer}/oauth/introspect?x=y`, token(), api),
      (answer) => expectOAuthError(answer, 400, 'invalid_request'),
    ],
    [
      'another client_id in the body',
      () => ask({ ...token(), client_id: shop.clientId }),
      (answer) => expectOAuthError(answer, 400, 'invalid_request'),
    ],
    [
      'a secret in the body too',
      () => ask({ ...token(), client_secret: api.secret }),
      (answer) => expectOAuthError(answer, 400, 'invalid_request'),
    ],
    ['the same client_id in the body', () => ask({ ...token(), client_id: api.clientId }), expectActive],
    ['no token', () => ask({}), (answer) => expectOAuthError(answer, 400, 'invalid_request')],
    [
      'a repeated token',
      () => ask([...Object.entries(token()), ...Object.entries(token())]),
      (answer) => expectOAuthError(answer, 400, 'invalid_request'),
    ],
    [
      'no form',
      () => ask(JSON.stringify(token()), api, { 'content-type': 'application/json' }),
      (answer) => expectOAuthError(answer, 400, 'invalid_request'),
    ],
    [
      'a wrong secret',
      () => ask(token(), { ...api, secret: `${api.secret}x` }),
      (answer) => expectOAuthError(answer, 401, 'invalid_client'),
    ],
    ['no credentials', () => ask(token(), null), (answer) => expectOAuthError(answer, 401, 'invalid_client')],
    [
      'a client that may not introspect, and has just proved who it is',
      async () => {
        await stack.refresh(session.refresh_token, {}, shop);
        return ask(token(), shop);
      },
      (answer) => expectOAuthError(answer, 403, 'unauthorized_client'),
    ],
    [
      'a resource server of another audience',
      async () => {
        const elsewhere = await newClient(stack, {
          mayIntrospect: true,
          audience: ['https://else.example.com/'],
        });
        expectInactive(await ask(token(), elsewhere));
        return ask(token(), elsewhere);
      },
      expectInactive,
    ],
    ['the refresh token', () => ask({ token: session.refresh_token }), expectInactive],
  ];

  it.each(others)('%s: is answered as without memory', async (_, request, expectAnswer) => {
    expectAnswer(await request());
  });

  it('two sets of credentials in headers are refused', async () => {
    const body = new URLSearchParams(token()).toString();
    const answer = await exchange(
      stack.issuer,
      'POST /oauth/introspect HTTP/1.1',
      'Host: x',
      'Connection: close',
      `Authorization: ${basic(api)}`,
      `Authorization: ${basic(SHOP)}`,
      'Content-Type: application/x-www-form-urlencoded',
      `Content-Length: ${body.length}`,
      '',
      body,
    );
    expect(parseAnswer(answer)).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
  });

  const ends: [string, () => Promise<unknown>][] = [
    ['the authorization is revoked', () => stack.revoke(session.refresh_token, shop)],
    ['the user is disabled', () => administerUser(stack, owner.username).disable()],
    ['the client is disabled', () => administerClient(stack, shop.clientId).disable()],
    ['the client is deleted', () => administerClient(stack, shop.clientId).delete()],
    [
      'nothing of the scope is allowed any longer',
      () => administerUser(stack, owner.username).limit('account'),
    ],
  ];

  it.each(ends)('once %s, the token is inactive', async (_, end) => {
    await end();
    expectInactive(await ask(token()));
  });

  it('once the resource server is disabled, or has another secret, it is refused', async () => {
    await administerClient(stack, api.clientId).replaceSecret('x'.repeat(40));
    expectOAuthError(await ask(token()), 401, 'invalid_client');
    api = { ...api, secret: 'x'.repeat(40) };
    await becomeRemembered(session);
    await administerClient(stack, api.clientId).disable();
    expectOAuthError(await ask(token()), 401, 'invalid_client');
  });

  it('once the resource server may not introspect any longer, it is refused', async () => {
    await administerClient(stack, api.clientId).update(() => ({ mayIntrospect: false }));
    expectOAuthError(await ask(token()), 403, 'unauthorized_client');
  });

  it('once the token has expired, it is inactive', async () => {
    const short = await newClient(stack, { accessTokenTtl: 60 });
    session = expectSession(await stack.login(owner, {}, short));
    await becomeRemembered(session);
    setClock(stack, 55);
    expectActive(await ask(token()));
    setClock(stack, 61);
    expectInactive(await ask(token()));
  });

  it('while the server may miss changes, the database is asked', async () => {
    const { notifications } = stack.database;
    Object.defineProperty(notifications, 'inSync', { configurable: true, get: () => false });
    try {
      expectActive(await ask(token()));
      expect(asked).toBe(1);
    } finally {
      Reflect.deleteProperty(notifications, 'inSync');
    }
  });
});
