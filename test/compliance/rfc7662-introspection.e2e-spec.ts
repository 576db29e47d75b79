import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ScopeSet } from '@latchkey/contracts';
import { administerClient, administerUser, newClient } from '../support/administration.js';
import {
  aClient,
  aConfiguration,
  ALICE,
  API,
  aResourceServer,
  aUser,
  RESOURCE_SERVER,
  SHOP,
} from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectActive, expectInactive, expectOAuthError } from '../support/expectations.js';
import { postForm, type Answer, type Credentials, type Form } from '../support/http.js';
import { aClientNamed, credentialsOf, expectSession, type Session } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

const OPAQUE = credentialsOf('opaque-backend');
const BROAD = credentialsOf('two-audiences');
const MACHINE = credentialsOf('machine');
const ELSEWHERE = credentialsOf('other-resource-server');
const GROUPED = { username: 'Zoë', password: 'has two groups' };
const CHANGING = { username: 'changing', password: 'comes and goes' };
const OTHER_API = 'https://other.example.com/api';
const PUBLIC = 'public-app';

describeEachDatabase('RFC 7662: token introspection', (dialect) => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack(dialect, {
      configuration: aConfiguration({
        clients: [
          aClient(),
          aResourceServer(),
          aClientNamed(OPAQUE.clientId, { access_token_format: 'opaque' }),
          aClientNamed(BROAD.clientId, { audience: [API, OTHER_API] }),
          aClientNamed(MACHINE.clientId, { grant_types: ['client_credentials'] }),
          aClientNamed(ELSEWHERE.clientId, {
            grant_types: undefined,
            scope: undefined,
            default_scope: undefined,
            audience: [OTHER_API],
            may_introspect: true,
          }),
          aClient({
            client_id: PUBLIC,
            client_type: 'public',
            client_secret: undefined,
            grant_types: ['refresh_token'],
          }),
        ],
        users: [aUser(), aUser({ ...GROUPED, groups: ['staff', 'ops & co'] }), aUser(CHANGING)],
      }),
    });
  });

  afterAll(() => stack.stop());

  const login = async (client: Credentials = SHOP, owner = ALICE as typeof GROUPED): Promise<Session> =>
    expectSession(await stack.login(owner, {}, client));

  const introspect = (form: Form, client: Credentials | null): Promise<Answer> =>
    postForm(`${stack.issuer}/oauth/introspect`, form, client);

  describe.each([
    ['a JWT', SHOP],
    ['an opaque token', OPAQUE],
  ])('of %s', (_name, client) => {
    it('tells everything about it, and nothing else', async () => {
      const answer = await stack.introspect((await login(client)).access_token);
      const token = expectActive(answer);
      expect(token).toEqual({
        active: true,
        scope: 'resources:read resources:write',
        client_id: client.clientId,
        username: 'alice',
        token_type: 'Bearer',
        exp: token.iat + 300,
        iat: expect.any(Number),
        sub: await administerUser(stack, 'alice').sub(),
        aud: API,
        iss: stack.issuer,
        jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
        sid: expect.stringMatching(/^[0-9a-f-]{36}$/),
        auth_time: token.iat,
        client_epoch: 0,
        user_epoch: 0,
        amr: ['pwd'],
        acr: 'urn:latchkey:acr:pwd',
      });
      expect(answer.headers['content-type']).toMatch(/^application\/json/);
      expect(answer.headers['cache-control']).toBe('no-store');
    });

    it('tells groups and the canonical user name', async () => {
      const token = expectActive(await stack.introspect((await login(client, GROUPED)).access_token));
      expect(token).toMatchObject({ username: 'zoë', groups: ['staff', 'ops & co'] });
    });

    it('keeps login and session through a refresh', async () => {
      const session = await login(client);
      const before = expectActive(await stack.introspect(session.access_token));
      const refreshed = expectSession(await stack.refresh(session.refresh_token, {}, client));
      const after = expectActive(await stack.introspect(refreshed.access_token));
      expect(after).toMatchObject({ sid: before.sid, auth_time: before.auth_time, sub: before.sub });
      expect(after.jti).not.toBe(before.jti);
    });
  });

  it('tells all audiences of a token, to each of them', async () => {
    const { access_token: token } = await login(BROAD);
    for (const resourceServer of [undefined, ELSEWHERE]) {
      expect(expectActive(await stack.introspect(token, resourceServer)).aud).toEqual([API, OTHER_API]);
    }
  });

  it("tells a client's own token by its subject, without a user", async () => {
    const issued = (await stack.token({ grant_type: 'client_credentials' }, MACHINE)).json as Session;
    const token = expectActive(await stack.introspect(issued.access_token));
    expect(token).toMatchObject({ sub: MACHINE.clientId, client_id: MACHINE.clientId, client_epoch: 0 });
    for (const member of ['username', 'user_epoch', 'groups']) expect(token).not.toHaveProperty(member);
  });

  it('counts the epochs up when the user or the client was shut out for a while', async () => {
    const before = await login(SHOP, CHANGING);
    const user = administerUser(stack, CHANGING.username);
    await user.disable();
    await user.enable();
    expectInactive(await stack.introspect(before.access_token));
    const token = expectActive(await stack.introspect((await login(SHOP, CHANGING)).access_token));
    expect(token).toMatchObject({ client_epoch: 0, user_epoch: 1 });

    const client = administerClient(stack, OPAQUE.clientId);
    await client.disable();
    await client.enable();
    const other = expectActive(await stack.introspect((await login(OPAQUE)).access_token));
    expect(other).toMatchObject({ client_epoch: 1, user_epoch: 0 });
  });

  it('tells what of the scope the user still may have, and is inactive when that is nothing', async () => {
    const { access_token: token } = await login(SHOP, CHANGING);
    const user = administerUser(stack, CHANGING.username);
    await user.limit('resources:write admin:users');
    expect(expectActive(await stack.introspect(token)).scope).toBe('resources:write');
    await user.limit('admin:users');
    expectInactive(await stack.introspect(token));
    await user.limit(null);
    expect(expectActive(await stack.introspect(token)).scope).toBe('resources:read resources:write');
  });

  it('tells what of the scope the client still may have, and is inactive when that is nothing', async () => {
    const { access_token: token } = await login(BROAD);
    const client = administerClient(stack, BROAD.clientId);
    await client.update(() => ({ scope: ScopeSet.parse('resources:write'), defaultScope: null }));
    expect(expectActive(await stack.introspect(token)).scope).toBe('resources:write');
    await client.update(() => ({ scope: ScopeSet.EMPTY }));
    expectInactive(await stack.introspect(token));
  });

  it.each(['jwt', 'opaque'] as const)(
    'tells what of the audience the client still has, and is inactive to the others: %s',
    async (accessTokenFormat) => {
      const credentials = await newClient(stack, { audience: [API, OTHER_API], accessTokenFormat });
      const { access_token: token } = await login(credentials);
      const client = administerClient(stack, credentials.clientId);
      await client.update(() => ({ audience: [OTHER_API] }));
      expectInactive(await stack.introspect(token));
      expect(expectActive(await stack.introspect(token, ELSEWHERE)).aud).toEqual([OTHER_API]);
      await client.update(() => ({ audience: [API, OTHER_API] }));
      expect(expectActive(await stack.introspect(token)).aud).toEqual([API, OTHER_API]);
      const single = await newClient(stack, { audience: [API], accessTokenFormat });
      const { access_token: narrow } = await login(single);
      expect(expectActive(await stack.introspect(narrow)).aud).toBe(API);
      await administerClient(stack, single.clientId).update(() => ({ audience: [OTHER_API] }));
      expectInactive(await stack.introspect(narrow));
      expectInactive(await stack.introspect(narrow, ELSEWHERE));
    },
  );

  it('does not widen a narrowed token', async () => {
    const { refresh_token: refreshToken } = await login();
    const narrowed = expectSession(await stack.refresh(refreshToken, { scope: 'resources:read' }));
    expect(expectActive(await stack.introspect(narrowed.access_token)).scope).toBe('resources:read');
  });

  it.each(['access_token', 'refresh_token', 'x', ''])('ignores the hint %j', async (hint) => {
    const { access_token: token, refresh_token: refreshToken } = await login();
    expectActive(await introspect({ token, token_type_hint: hint }, RESOURCE_SERVER));
    expectInactive(await introspect({ token: refreshToken, token_type_hint: hint }, RESOURCE_SERVER));
  });

  describe('refuses', () => {
    it('a client that may not introspect, its own token included', async () => {
      const { access_token: token } = await login();
      for (const client of [SHOP, BROAD, MACHINE]) {
        expectOAuthError(await introspect({ token }, client), 403, 'unauthorized_client');
      }
      expectOAuthError(await introspect({ token, client_id: PUBLIC }, null), 403, 'unauthorized_client');
      expectOAuthError(await introspect({}, SHOP), 403, 'unauthorized_client');
    });

    it('who cannot show to be a client, a bearer of a token included', async () => {
      const { access_token: token } = await login();
      expectOAuthError(await introspect({ token }, null), 401, 'invalid_client');
      const wrong = { ...RESOURCE_SERVER, secret: 'wrong' };
      expectOAuthError(await introspect({ token }, wrong), 401, 'invalid_client');
      const url = `${stack.issuer}/oauth/introspect`;
      const bearer = await postForm(url, { token }, null, { authorization: `Bearer ${token}` });
      expectOAuthError(bearer, 401, 'invalid_client');
    });

    it.each<[string, Form]>([
      ['no token', {}],
      ['an empty one', { token: '' }],
      ['a repeated one', 'token=a&token=a'],
      ['a broken escape', 'token=%'],
    ])('%s', async (_name, form) => {
      expectOAuthError(await introspect(form, RESOURCE_SERVER), 400, 'invalid_request');
    });
  });
});
