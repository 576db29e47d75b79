import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aClient, aConfiguration, ALICE, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectSameAnswer, expectTokens } from '../support/expectations.js';
import type { Answer } from '../support/http.js';
import { aClientNamed, credentialsOf } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

const NO_PASSWORD = credentialsOf('no-password');

interface Login {
  clientId: string;
  secret: string;
  parameters: [string, string][];
}

type Fault = readonly [name: string, status: number, error: string, (login: Login) => void];

const set = (name: string, value: string) => (login: Login) => {
  login.parameters = [...login.parameters.filter(([other]) => other !== name), [name, value]];
};

/** Everything that can be wrong with a login, in the order in which it is checked. */
const FAULTS: readonly Fault[] = [
  ['the body', 400, 'invalid_request', ({ parameters }) => parameters.push(['x', '1'], ['x', '2'])],
  ['the client', 401, 'invalid_client', (login) => void (login.secret = 'wrong')],
  ['the grant type', 400, 'unsupported_grant_type', set('grant_type', 'magic')],
  [
    'the grant of this client',
    400,
    'unauthorized_client',
    (login) => {
      login.clientId = NO_PASSWORD.clientId;
      if (login.secret === SHOP.secret) login.secret = NO_PASSWORD.secret;
    },
  ],
  ['a parameter', 400, 'invalid_request', set('username', '')],
  ['the scope', 400, 'invalid_scope', set('scope', 'nothing:here')],
  ['the password', 400, 'invalid_grant', set('password', 'wrong')],
];

const PAIRS = FAULTS.flatMap((first, index) =>
  FAULTS.slice(index + 1).map((second) => [first[0], second[0], first, second] as const),
);

describeEachDatabase('RFC 6749 section 5.2: error response', (dialect) => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack(dialect, {
      configuration: aConfiguration({
        clients: [aClient(), aClientNamed(NO_PASSWORD.clientId, { grant_types: ['refresh_token'] })],
      }),
    });
  });

  afterAll(() => stack.stop());

  function login(...faults: Fault[]): Promise<Answer> {
    const request: Login = {
      ...SHOP,
      parameters: Object.entries({ grant_type: 'password', ...ALICE, scope: 'resources:read' }),
    };
    for (const [, , , makeWrong] of faults) makeWrong(request);
    return stack.token(request.parameters, request);
  }

  it('is not what a login without fault gets', async () => {
    expectTokens(await login());
  });

  describe.each(FAULTS)('with %s wrong', (...fault) => {
    const [, status, error] = fault;

    it(`answers ${status} ${error} and says so in JSON`, async () => {
      const answer = await login(fault);
      expectOAuthError(answer, status, error);
      expect(answer.json).toEqual({ error, error_description: expect.any(String) });
      expect(answer.headers.pragma).toBe('no-cache');
      expect(answer.headers['set-cookie']).toBeUndefined();
    });
  });

  it.each(PAIRS)('with %s and %s wrong, tells of the first', async (_first, _second, first, second) => {
    expectSameAnswer(await login(first), await login(first, second));
  });

  it('tells of the body before anything else when everything is wrong', async () => {
    expectSameAnswer(await login(...FAULTS.slice(0, 1)), await login(...FAULTS));
  });

  it.each([
    'authorization_code',
    'implicit',
    'urn:ietf:params:oauth:grant-type:device_code',
    'PASSWORD',
    'password ',
    'password\0',
    'pass\u200bword',
    '__proto__',
    'constructor',
    'toString',
    'x'.repeat(10_000),
  ])('does not support the grant type %.40j', async (grantType) => {
    const answer = await stack.token({ grant_type: grantType, ...ALICE });
    expectOAuthError(answer, 400, 'unsupported_grant_type');
    expect(answer.text).not.toContain(grantType);
  });

  it.each(['grant_type', 'username', 'password'])('names the missing parameter %s', async (name) => {
    const form = Object.entries({ grant_type: 'password', ...ALICE });
    const answer = await stack.token(form.filter(([other]) => other !== name));
    expectOAuthError(answer, 400, 'invalid_request');
    expect(answer.json).toMatchObject({ error_description: expect.stringContaining(name) });
  });

  describe('of a refresh', () => {
    it.each<[string, Record<string, string>, string]>([
      ['no token', {}, 'invalid_request'],
      ['no token and a malformed scope', { scope: '"' }, 'invalid_request'],
      ['a made-up token and a malformed scope', { refresh_token: 'x', scope: '"' }, 'invalid_scope'],
      ['a made-up token', { refresh_token: 'x', scope: 'resources:read' }, 'invalid_grant'],
    ])('with %s', async (_name, parameters, error) => {
      const answer = await stack.token({ grant_type: 'refresh_token', ...parameters });
      expectOAuthError(answer, 400, error);
    });
  });

  it('carries the id under which the log has the reason', async () => {
    const answer = await stack.login({ ...ALICE, username: 'nobody' });
    const id = String(answer.headers['x-request-id']);
    const lines = stack.log.filter((line) => line.includes(id));
    expect(lines.join()).toContain('unknown user');
    expect(answer.text).not.toContain('unknown');
  });
});
