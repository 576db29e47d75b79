import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import {
  aClient,
  aConfiguration,
  ALICE,
  API,
  aResourceServer,
  RESOURCE_SERVER,
} from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { startStack, type Stack } from '../support/stack.js';

const BILLING = 'https://billing.example.com/';
const BILLING_SERVER = { clientId: 'billing-server', secret: 'billing-server-secret-0123456789abcd' };

describeEachDatabase('RFC 8707: resource indicators', (dialect) => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack(dialect, {
      configuration: aConfiguration({
        clients: [
          aClient({ audience: [API, BILLING], refresh_token_grace: 0 }),
          aResourceServer(),
          aResourceServer({
            client_id: BILLING_SERVER.clientId,
            client_secret: BILLING_SERVER.secret,
            audience: [BILLING],
          }),
        ],
      }),
    });
  });

  afterAll(() => stack.stop());

  const audienceOf = (token: string): unknown => decodeJwt(token).aud;

  const form = (...resources: string[]): [string, string][] => [
    ['grant_type', 'password'],
    ['username', ALICE.username],
    ['password', ALICE.password],
    ...resources.map((resource): [string, string] => ['resource', resource]),
  ];

  it('gives all registered audiences without it, and those that it names with it', async () => {
    expect(audienceOf(expectTokens(await stack.token(form())).access_token)).toEqual([API, BILLING]);
    expect(audienceOf(expectTokens(await stack.token(form(BILLING))).access_token)).toBe(BILLING);
    expect(audienceOf(expectTokens(await stack.token(form(BILLING, API))).access_token)).toEqual([
      BILLING,
      API,
    ]);
    expect(audienceOf(expectTokens(await stack.token(form(API, API))).access_token)).toBe(API);
  });

  it.each([
    'https://unknown.example.com/',
    'https://billing.example.com',
    'billing',
    'https://billing.example.com/#a',
  ])('refuses %s', async (resource) => {
    expectOAuthError(await stack.token(form(resource)), 400, 'invalid_target');
    expectOAuthError(await stack.token(form(API, resource)), 400, 'invalid_target');
  });

  it('makes a narrowed token worthless to another resource server', async () => {
    const { access_token: token } = expectTokens(await stack.token(form(BILLING)));
    expect((await stack.introspect(token, BILLING_SERVER)).json).toMatchObject({
      active: true,
      aud: BILLING,
    });
    expect((await stack.introspect(token, RESOURCE_SERVER)).json).toEqual({ active: false });
  });

  it('narrows again at refresh, never beyond what was granted at the login', async () => {
    const tokens = expectTokens(await stack.token(form()));
    const narrowed = expectTokens(await stack.refresh(tokens.refresh_token ?? '', { resource: API }));
    expect(audienceOf(narrowed.access_token)).toBe(API);
    const whole = expectTokens(await stack.refresh(narrowed.refresh_token ?? ''));
    expect(audienceOf(whole.access_token)).toEqual([API, BILLING]);

    const billing = expectTokens(await stack.token(form(BILLING)));
    expectOAuthError(
      await stack.refresh(billing.refresh_token ?? '', { resource: API }),
      400,
      'invalid_target',
    );
    // The refusal spent nothing.
    expect(audienceOf(expectTokens(await stack.refresh(billing.refresh_token ?? '')).access_token)).toBe(
      BILLING,
    );
  });
});
