import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ScopeSet } from '@latchkey/contracts';
import { administerClient, administerUser } from '../support/administration.js';
import { aClient, aConfiguration, ALICE, BOB, OTHER, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectSameAnswer, expectTokens } from '../support/expectations.js';
import { claimsOf, expectSession, isActive, type Session } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

const ALL = 'resources:read resources:write';
const PUBLIC = 'public-app';

describeEachDatabase('RFC 6749 section 6: refreshing an access token', (dialect) => {
  let stack: Stack;

  beforeAll(async () => {
    const configuration = aConfiguration();
    configuration.clients.push(
      aClient({
        client_id: PUBLIC,
        client_type: 'public',
        client_secret: undefined,
        grant_types: ['refresh_token'],
      }),
    );
    // Without the grace every refresh rotates, so that a test sees whether a token was spent.
    stack = await startStack(dialect, { configuration, environment: { REFRESH_TOKEN_GRACE: '0' } });
  });

  afterAll(() => stack.stop());

  const login = async (parameters: Record<string, string> = {}, owner: typeof ALICE | typeof BOB = ALICE) =>
    expectSession(await stack.login(owner, parameters));
  const refresh = async ({ refresh_token: token }: Session, parameters: Record<string, string> = {}) =>
    expectSession(await stack.refresh(token, parameters));

  it('gives new tokens of the same login', async () => {
    const session = await login();
    const refreshed = await refresh(session);
    expect(refreshed.refresh_token).not.toBe(session.refresh_token);
    expect(refreshed.access_token).not.toBe(session.access_token);
    const { jti, ...claims } = claimsOf(session);
    expect(claimsOf(refreshed)).toEqual({
      ...claims,
      jti: expect.not.stringMatching(String(jti)),
      iat: expect.any(Number),
      exp: expect.any(Number),
    });
    expect(await isActive(stack, refreshed)).toBe(true);
  });

  it('narrows the scope of one access token, and has the original again', async () => {
    const narrowed = await refresh(await login(), { scope: 'resources:read' });
    expect(narrowed.scope).toBe('resources:read');
    expect(claimsOf(narrowed).scope).toBe('resources:read');
    expect((await refresh(narrowed, { scope: 'resources:write' })).scope).toBe('resources:write');
    const again = await refresh(await refresh(await login(), { scope: 'resources:read' }));
    expect(again.scope).toBe(ALL);
    expect((await refresh(again, { scope: ALL })).scope).toBe(ALL);
  });

  it.each([
    ['what the client may have and the owner did not grant', 'resources:write'],
    ['more than was granted', ALL],
    ['what does not exist', 'resources:read nothing:here'],
    ['what is administrative', 'admin:users'],
    ['what is malformed', 'resources:read '],
  ])('refuses %s and spends nothing', async (_name, scope) => {
    const session = await login({ scope: 'resources:read' });
    expectOAuthError(await stack.refresh(session.refresh_token, { scope }), 400, 'invalid_scope');
    const refreshed = await refresh(session);
    expect(refreshed.scope).toBe('resources:read');
    expect(refreshed.refresh_token).not.toBe(session.refresh_token);
  });

  it("refuses another client's token and does not burn it", async () => {
    const session = await login();
    const refused = await stack.refresh(session.refresh_token, {}, OTHER);
    expectOAuthError(refused, 400, 'invalid_grant');
    expectSameAnswer(refused, await stack.refresh(session.refresh_token, { client_id: PUBLIC }, null));
    expectSameAnswer(refused, await stack.refresh('made-up'));
    await refresh(session);
  });

  it("does not take another client's try with a spent token for a theft", async () => {
    const session = await login();
    const refreshed = await refresh(session);
    expectOAuthError(await stack.refresh(session.refresh_token, {}, OTHER), 400, 'invalid_grant');
    await refresh(refreshed);
  });

  it('needs the authentication of the client', async () => {
    const session = await login();
    const anonymous = await stack.refresh(session.refresh_token, { client_id: SHOP.clientId }, null);
    expectOAuthError(anonymous, 401, 'invalid_client');
    const wrong = await stack.refresh(session.refresh_token, {}, { ...SHOP, secret: 'wrong' });
    expectOAuthError(wrong, 401, 'invalid_client');
    await refresh(session);
  });

  describe('refuses, like any other, a token that', () => {
    it.each<[string, (session: Session) => string]>([
      ['is an access token', ({ access_token: token }) => token],
      ['is cut short', ({ refresh_token: token }) => token.slice(0, -1)],
      ['is longer', ({ refresh_token: token }) => `${token}A`],
      ['is padded', ({ refresh_token: token }) => `${token}=`],
      ['has a space', ({ refresh_token: token }) => `${token} `],
      ['has another prefix', ({ refresh_token: token }) => token.replace('lkr_', 'lka_')],
      ['has no prefix', ({ refresh_token: token }) => token.slice(4)],
      ['has an altered start', ({ refresh_token: token }) => altered(token, 4)],
      ['has an altered key id', ({ refresh_token: token }) => altered(token, 8)],
      ['has an altered login', ({ refresh_token: token }) => altered(token, 30)],
      ['has an altered generation', ({ refresh_token: token }) => altered(token, 40)],
      ['has an altered MAC', ({ refresh_token: token }) => altered(token, 60)],
      ['is altered at its end', ({ refresh_token: token }) => altered(token, token.length - 1)],
      ['is made up', () => 'lkr_AAAA'],
      ['is nothing but the prefix', () => 'lkr_'],
      ['has NUL', ({ refresh_token: token }) => `${token}\0`],
      ['is no ASCII', () => 'lkr_é'],
      ['is 60 KiB long', () => `lkr_${'A'.repeat(60 * 1024)}`],
    ])('%s', async (_name, make) => {
      const session = await login();
      const answer = await stack.refresh(make(session));
      expectOAuthError(answer, 400, 'invalid_grant');
      expectSameAnswer(await stack.refresh('made-up'), answer);
      await refresh(session);
    });

    it('was altered anywhere', async () => {
      const { refresh_token: token } = await login();
      for (let position = 0; position < token.length; position++) {
        expectOAuthError(await stack.refresh(altered(token, position)), 400, 'invalid_grant');
      }
      expectTokens(await stack.refresh(token));
    });
  });

  it('gives only what the user still may have, and refuses when that is nothing', async () => {
    const session = await login({}, BOB);
    const bob = administerUser(stack, BOB.username);
    await bob.limit('resources:write');
    const less = await refresh(session);
    expect(less.scope).toBe('resources:write');
    const gone = { scope: 'resources:read' };
    expectOAuthError(await stack.refresh(less.refresh_token, gone), 400, 'invalid_grant');
    await bob.limit('admin:users');
    expectOAuthError(await stack.refresh(less.refresh_token), 400, 'invalid_grant');
    await bob.limit(null);
    expect((await refresh(less)).scope).toBe(ALL);
  });

  it('gives only what the client still may have, and refuses when that is nothing', async () => {
    const session = await login();
    const shop = administerClient(stack, SHOP.clientId);
    const { scope, defaultScope } = await shop.registration();
    const allow = (text: string) =>
      shop.update(() => ({ scope: ScopeSet.parse(text), defaultScope: ScopeSet.parse(text) }));
    await allow('resources:read');
    const less = await refresh(session);
    expect(less.scope).toBe('resources:read');
    await shop.update(() => ({ scope: ScopeSet.EMPTY, defaultScope: null }));
    expectOAuthError(await stack.refresh(less.refresh_token), 400, 'invalid_grant');
    await shop.update(() => ({ scope, defaultScope }));
    expect((await refresh(less)).scope).toBe(ALL);
  });
});

/** Another character of base64url in this place. */
function altered(token: string, position: number): string {
  return token.slice(0, position) + (token[position] === 'A' ? 'B' : 'A') + token.slice(position + 1);
}
