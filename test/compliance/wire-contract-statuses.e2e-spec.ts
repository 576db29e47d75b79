import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Dispatcher } from 'undici';
import { administerUser } from '../support/administration.js';
import { aConfiguration, ALICE, BOB, OTHER, RESOURCE_SERVER, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectBearerChallenge, expectOAuthError, expectTokens } from '../support/expectations.js';
import {
  api,
  basic,
  postForm,
  rawBasic,
  send,
  type Answer,
  type Credentials,
  type Form,
} from '../support/http.js';
import { aClientNamed, credentialsOf } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

const MACHINE = credentialsOf('machine');
const NOTE = { name: 'note', content: 'hello' };

/** The endpoints that authenticate clients, with a client and a form that each of them accepts. */
const ENDPOINTS: [path: string, client: Credentials, form: Record<string, string>][] = [
  ['token', SHOP, { grant_type: 'password', ...ALICE }],
  ['introspect', RESOURCE_SERVER, { token: 'made-up' }],
  ['revoke', SHOP, { token: 'made-up' }],
];

/** Which status says what, on both servers. */
describeEachDatabase('The statuses of the wire contract', (dialect) => {
  let stack: Stack;

  beforeAll(async () => {
    const configuration = aConfiguration();
    configuration.clients.push(aClientNamed(MACHINE.clientId, { grant_types: ['client_credentials'] }));
    stack = await startStack(dialect, { configuration, resourceServer: true });
  });

  afterAll(() => stack.stop());

  describe.each(ENDPOINTS)('of /oauth/%s:', (path, client, form) => {
    const post = (body: Form, credentials: Credentials | null, headers: Record<string, string> = {}) =>
      postForm(`${stack.issuer}/oauth/${path}`, body, credentials, headers);
    const encoded = new URLSearchParams(form).toString();

    it('200 for what is right, with Basic, in the body, and with the same client_id in both', async () => {
      const { clientId, secret } = client;
      expect((await post(form, client)).status).toBe(200);
      expect((await post({ ...form, client_id: clientId, client_secret: secret }, null)).status).toBe(200);
      expect((await post({ ...form, client_id: clientId }, client)).status).toBe(200);
    });

    it.each(['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const)('405 for %s', async (method) => {
      const answer = await send(`${stack.issuer}/oauth/${path}`, { method });
      expectOAuthError(answer, 405, 'method_not_allowed');
      expect(answer.headers.allow).toBe('POST');
    });

    it('413 for a body over 64 KiB', async () => {
      const answer = await post(`${encoded}&x=${'x'.repeat(64 * 1024)}`, client);
      expectOAuthError(answer, 413, 'invalid_request');
    });

    it.each<[string, Form, Record<string, string>]>([
      ['JSON', JSON.stringify(form), { 'content-type': 'application/json' }],
      ['broken JSON', '{', { 'content-type': 'application/json' }],
      ['another type', encoded, { 'content-type': 'text/plain' }],
      ['another charset', encoded, { 'content-type': 'application/x-www-form-urlencoded; charset=latin1' }],
      ['a repeated parameter', `${encoded}&x=1&x=2`, {}],
      ['a broken escape', `${encoded}&x=%`, {}],
      ['no parameters', '', {}],
    ])('400 for %s', async (_name, body, headers) => {
      expectOAuthError(await post(body, client, headers), 400, 'invalid_request');
    });

    it('400 for a query', async () => {
      const url = `${stack.issuer}/oauth/${path}?${encoded}`;
      expectOAuthError(await postForm(url, form, client), 400, 'invalid_request');
    });

    it.each<[string, Credentials | null, Record<string, string>]>([
      ['none', null, {}],
      ['a wrong secret', { ...client, secret: 'wrong' }, {}],
      ['an unknown client', { clientId: 'unknown', secret: 'x' }, {}],
      ['a broken header', null, { authorization: 'Basic %%%' }],
      ['no ASCII', null, { authorization: rawBasic('é:é') }],
      ['another scheme', null, { authorization: `Bearer ${client.secret}` }],
    ])('401 for client credentials that are %s', async (_name, credentials, headers) => {
      expectOAuthError(await post(form, credentials, headers), 401, 'invalid_client');
    });

    it.each<[string, Record<string, string>]>([
      ['another client_id', { client_id: OTHER.clientId }],
      ['a second secret', { client_secret: client.secret }],
    ])('400 for Basic and %s', async (_name, parameters) => {
      expectOAuthError(await post({ ...form, ...parameters }, client), 400, 'invalid_request');
    });

    it('nothing for the scripts of other origins', async () => {
      const headers = { origin: 'https://other.example' };
      for (const answer of [await post(form, client, headers), await post(form, null, headers)]) {
        expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
        expect(answer.headers['cache-control']).toBe('no-store');
      }
    });
  });

  it('403 for a client that may not introspect', async () => {
    expectOAuthError(await stack.introspect('made-up', SHOP), 403, 'unauthorized_client');
  });

  it.each(['/nothing', '/oauth', '/oauth/authorize', '/oauth/tokens'])('404 for %s', async (path) => {
    expectOAuthError(await send(stack.issuer + path, { method: 'POST' }), 404, 'not_found');
  });

  it.each([
    ['/oauth/jwks', 'POST'],
    ['/.well-known/oauth-authorization-server', 'POST'],
    ['/', 'POST'],
    ['/health/live', 'POST'],
    ['/health/ready', 'DELETE'],
  ] as const)('405 at %s for %s', async (path, method) => {
    const answer = await send(stack.issuer + path, { method });
    expectOAuthError(answer, 405, 'method_not_allowed');
    expect(answer.headers.allow).toBe('GET, HEAD');
  });

  it('200 for the probes of both servers, without credentials', async () => {
    for (const origin of [stack.issuer, new URL(stack.resources).origin]) {
      for (const probe of ['live', 'ready']) {
        expect((await send(`${origin}/health/${probe}`)).status).toBe(200);
      }
    }
  });

  describe('of the resource server:', () => {
    let alice: string;
    let bob: string;
    let shared: string;
    let hidden: string;

    beforeAll(async () => {
      alice = expectTokens(await stack.login(ALICE)).access_token;
      bob = expectTokens(await stack.login(BOB)).access_token;
      [shared, hidden] = [await create(alice), await create(alice)];
      const permissions = [{ sub: await administerUser(stack, BOB.username).sub(), access: 'read' }];
      const answer = await api('PUT', `${shared}/permissions`, alice, { permissions });
      expect(answer.status).toBe(200);
    });

    async function create(token: string): Promise<string> {
      const answer = await api('POST', stack.resources, token, NOTE);
      expect(answer.status).toBe(201);
      return `${stack.resources}/${(answer.json as { id: string }).id}`;
    }

    function expectRefusal(answer: Answer, status: number, error: string): void {
      expect({ status: answer.status, body: answer.json }).toEqual({
        status,
        body: { error, error_description: expect.any(String) },
      });
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    }

    const ON_ONE: [Dispatcher.HttpMethod, string, object | undefined][] = [
      ['GET', '', undefined],
      ['PUT', '', NOTE],
      ['DELETE', '', undefined],
      ['PUT', '/permissions', { permissions: [] }],
    ];

    it.each(ON_ONE)("404 for %s%s of another owner's resource", async (method, path, body) => {
      expectRefusal(await api(method, hidden + path, bob, body), 404, 'not_found');
      expect((await api('GET', hidden, alice)).status).toBe(200);
    });

    it.each(ON_ONE.slice(1))('403 for %s%s of one that may be read only', async (method, path, body) => {
      expect((await api('GET', shared, bob)).status).toBe(200);
      expectRefusal(await api(method, shared + path, bob, body), 403, 'access_denied');
      expect((await api('GET', shared, alice)).status).toBe(200);
    });

    it.each(ON_ONE)("403 for %s%s with a client's own token", async (method, path, body) => {
      const { access_token: token } = expectTokens(
        await stack.token({ grant_type: 'client_credentials' }, MACHINE),
      );
      expectRefusal(await api(method, hidden + path, token, body), 403, 'access_denied');
    });

    it('401 for no token and for a wrong one', async () => {
      expectBearerChallenge(await api('GET', hidden, null), 401, null);
      expectBearerChallenge(await api('GET', hidden, 'made-up'), 401, 'invalid_token');
      const headers = { authorization: basic(SHOP) };
      expectBearerChallenge(await send(hidden, { headers }), 401, null);
    });

    it('405, 413 and 400 for what is malformed', async () => {
      const wrongMethod = await api('PATCH', hidden, alice);
      expectRefusal(wrongMethod, 405, 'method_not_allowed');
      expect(wrongMethod.headers.allow).toBe('DELETE, GET, HEAD, PUT');
      const large = { ...NOTE, content: 'x'.repeat(64 * 1024) };
      expectRefusal(await api('POST', stack.resources, alice, large), 413, 'invalid_request');
      expectRefusal(await api('POST', stack.resources, alice, {}), 400, 'invalid_request');
      expectRefusal(await api('POST', stack.resources, alice), 400, 'invalid_request');
    });

    it('204 and then 404 for a resource that its owner deletes', async () => {
      const resource = await create(alice);
      expect((await api('DELETE', resource, alice)).status).toBe(204);
      expectRefusal(await api('GET', resource, alice), 404, 'not_found');
    });
  });
});
