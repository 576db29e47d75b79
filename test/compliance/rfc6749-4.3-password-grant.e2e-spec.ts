import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { administerClient } from '../support/administration.js';
import { aClient, aConfiguration, ALICE, aUser, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectSameAnswer, expectTokens } from '../support/expectations.js';
import { aClientNamed, credentialsOf } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

const DAY_MS = 86_400_000;

const NO_DEFAULT = credentialsOf('no-default');
const NO_PASSWORD = credentialsOf('no-password');
const ENDED = credentialsOf('ended');
const ENDS_LATER = credentialsOf('ends-later');
const ADMINISTERS = credentialsOf('administers');
const PUBLIC = 'public-app';

const day = (offset: number): string => new Date(Date.now() + offset * DAY_MS).toISOString().slice(0, 10);

const READER = { username: 'reader', password: 'may only read' };
const POWERLESS = { username: 'powerless', password: 'may nothing of it' };
const DISABLED = { username: 'disabled', password: 'was once right' };

const CONFIGURATION = aConfiguration({
  scopes: ['resources:read', 'resources:write', 'reports:read'].map((name) => ({ name })),
  clients: [
    aClient(),
    aClientNamed(NO_DEFAULT.clientId, { default_scope: undefined }),
    aClientNamed(NO_PASSWORD.clientId, { grant_types: ['refresh_token'] }),
    aClientNamed(ENDED.clientId, { password_grant_until: day(-1) }),
    aClientNamed(ENDS_LATER.clientId, { password_grant_until: day(1) }),
    aClientNamed(ADMINISTERS.clientId, {
      grant_types: ['password', 'client_credentials'],
      scope: 'resources:read admin:users',
      default_scope: 'admin:users',
    }),
    aClient({
      client_id: PUBLIC,
      client_type: 'public',
      client_secret: undefined,
      grant_types: ['refresh_token'],
    }),
  ],
  users: [
    aUser(),
    aUser({ ...READER, allowed_scope: 'resources:read reports:read' }),
    aUser({ ...POWERLESS, allowed_scope: 'reports:read' }),
    aUser({ ...DISABLED, enabled: false }),
  ],
});

describeEachDatabase('RFC 6749 section 4.3: the password grant', (dialect) => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack(dialect, { configuration: CONFIGURATION });
  });

  afterAll(() => stack.stop());

  describe('scope', () => {
    it.each([
      ['the default where none is asked for', {}, 'resources:read resources:write'],
      ['the default where it is empty', { scope: '' }, 'resources:read resources:write'],
      ['a part of what the client may have', { scope: 'resources:write' }, 'resources:write'],
      ['in the order that was asked for', { scope: 'resources:write resources:read' }, undefined],
      ['repeated names once', { scope: 'resources:read resources:read' }, 'resources:read'],
    ])('grants %s', async (_name, parameters: Record<string, string>, granted = parameters.scope) => {
      expect(expectTokens(await stack.login(ALICE, parameters)).scope).toBe(granted);
    });

    it.each([
      ['one that does not exist', 'nothing:here'],
      ['one that the client does not have', 'reports:read'],
      ['one among others', 'resources:read reports:read'],
      ['the start of a name', 'resources:rea'],
      ['a name and more', 'resources:readwrite'],
      ['another case', 'Resources:Read'],
      ['a wildcard', 'resources:*'],
      ['an administrative one', 'admin:users'],
      ['the name of a built-in property', 'constructor'],
    ])('refuses %s', async (_name, scope) => {
      expectOAuthError(await stack.login(ALICE, { scope }), 400, 'invalid_scope');
    });

    it.each([
      ['a space', ' '],
      ['a space before', ' resources:read'],
      ['a space after', 'resources:read '],
      ['two spaces', 'resources:read  resources:write'],
      ['a tab', 'resources:read\tresources:write'],
      ['a line break', 'resources:read\n'],
      ['a comma', 'resources:read,resources:write'],
      ['a quotation mark', '"resources:read"'],
      ['a backslash', 'resources:read \\'],
      ['NUL', 'resources:read\0'],
      ['characters beyond ASCII', 'resources:read é'],
    ])('refuses one with %s', async (_name, scope) => {
      expectOAuthError(await stack.login(ALICE, { scope }), 400, 'invalid_scope');
    });

    it('refuses none where the client has no default', async () => {
      expectOAuthError(await stack.login(ALICE, {}, NO_DEFAULT), 400, 'invalid_scope');
      expectTokens(await stack.login(ALICE, { scope: 'resources:read' }, NO_DEFAULT));
    });

    it("never gives a resource owner's token administrative scopes", async () => {
      expectOAuthError(await stack.login(ALICE, { scope: 'admin:users' }, ADMINISTERS), 400, 'invalid_scope');
      expectOAuthError(await stack.login(ALICE, {}, ADMINISTERS), 400, 'invalid_scope');
      expectTokens(await stack.login(ALICE, { scope: 'resources:read' }, ADMINISTERS));
    });

    it('drops what the user may not have, and says what remains', async () => {
      expect(expectTokens(await stack.login(READER)).scope).toBe('resources:read');
      const asked = { scope: 'resources:write resources:read' };
      expect(expectTokens(await stack.login(READER, asked)).scope).toBe('resources:read');
    });

    it('refuses when nothing remains', async () => {
      expectOAuthError(await stack.login(READER, { scope: 'resources:write' }), 400, 'invalid_scope');
      expectOAuthError(await stack.login(POWERLESS), 400, 'invalid_scope');
    });

    it('does not tell whoever has the wrong password what a user may have', async () => {
      const wrong = await stack.login({ ...POWERLESS, password: 'wrong' });
      expectSameAnswer(await stack.login({ ...ALICE, password: 'wrong' }), wrong);
    });
  });

  describe('the client', () => {
    it('must be registered for the grant', async () => {
      expectOAuthError(await stack.login(ALICE, {}, NO_PASSWORD), 400, 'unauthorized_client');
    });

    it('must be confidential, even when it is registered for the grant', async () => {
      const login = { client_id: PUBLIC };
      expectOAuthError(await stack.login(ALICE, login, null), 400, 'unauthorized_client');
      await administerClient(stack, PUBLIC).update(() => ({ grantTypes: ['password', 'refresh_token'] }));
      expectOAuthError(await stack.login(ALICE, login, null), 400, 'unauthorized_client');
    });

    it('loses the grant after its last day', async () => {
      expectOAuthError(await stack.login(ALICE, {}, ENDED), 400, 'unauthorized_client');
      expectTokens(await stack.login(ALICE, {}, ENDS_LATER));
    });

    it('gets no refresh token without the grant for it', async () => {
      const { refresh_token: token } = expectTokens(
        await stack.login(ALICE, { scope: 'resources:read' }, ADMINISTERS),
      );
      expect(token).toBeUndefined();
    });
  });

  describe('wrong credentials', () => {
    it.each([
      ['a disabled user with the right password', DISABLED],
      ['a disabled user with a wrong one', { ...DISABLED, password: 'wrong' }],
      ['an unknown user', { ...ALICE, username: 'nobody' }],
      ["another user's password", { ...ALICE, password: READER.password }],
      ['a user name for a password', { ...ALICE, password: ALICE.username }],
      ['a password beyond ASCII', { ...ALICE, password: '\u{1f511}' }],
      ['the longest password', { ...ALICE, password: 'x'.repeat(1024) }],
      ['a space before the user name', { ...ALICE, username: ' alice' }],
      ['a space after it', { ...ALICE, username: 'alice ' }],
      ['a space in it', { ...ALICE, username: 'al ice' }],
      ['an ideographic space', { ...ALICE, username: 'alice\u3000' }],
      ['NUL in the user name', { ...ALICE, username: 'alice\0' }],
      ['a line break', { ...ALICE, username: 'alice\n{"level":30}' }],
      ['a zero-width space', { ...ALICE, username: 'al\u200bice' }],
      ['a soft hyphen', { ...ALICE, username: 'al\u00adice' }],
      ['a reordering mark', { ...ALICE, username: '\u202ealice' }],
      ['a byte order mark', { ...ALICE, username: '\ufeffalice' }],
      ['a look-alike letter', { ...ALICE, username: '\u0430lice' }],
      ['a combining grapheme joiner', { ...ALICE, username: 'alice\u034f' }],
      ['a private-use character', { ...ALICE, username: 'alice\ue000' }],
      ['a user name of 300 bytes', { ...ALICE, username: 'a'.repeat(300) }],
      ['a user name of 50 KiB', { ...ALICE, username: 'a'.repeat(50 * 1024) }],
      ['SQL', { ...ALICE, username: "alice'--" }],
      ['a pattern', { ...ALICE, username: 'al%' }],
    ])('%s: the same answer', async (_name, owner) => {
      const answer = await stack.login(owner);
      expectOAuthError(answer, 400, 'invalid_grant');
      expectSameAnswer(await stack.login({ ...ALICE, password: 'wrong' }), answer);
    });

    it.each([
      ['1,025 bytes', 'x'.repeat(1025)],
      ['342 characters of three bytes', '€'.repeat(342)],
      ['60 KiB', 'x'.repeat(60 * 1024)],
    ])('a password of %s is malformed, whoever it is for', async (_name, password) => {
      const known = await stack.login({ ...ALICE, password });
      expectOAuthError(known, 400, 'invalid_request');
      expectSameAnswer(known, await stack.login({ username: 'nobody', password }));
    });

    it('appear nowhere in the log', async () => {
      await stack.login({ username: 'typed-a-secret-here', password: 'and-another-there' });
      expect(stack.log.join('\n')).not.toMatch(/typed-a-secret-here|and-another-there|correct horse/);
    });
  });
});

describeEachDatabase('The password grant switched off', (dialect) => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack(dialect, { environment: { PASSWORD_GRANT_ENABLED: 'false' } });
  });

  afterAll(() => stack.stop());

  it('is no grant type of this server, for nobody', async () => {
    expectOAuthError(await stack.login(ALICE), 400, 'unsupported_grant_type');
    expectOAuthError(await stack.login({ ...ALICE, password: 'wrong' }), 400, 'unsupported_grant_type');
  });

  it('leaves the other grants on', async () => {
    expectOAuthError(await stack.refresh('made-up', {}, SHOP), 400, 'invalid_grant');
  });
});
