import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aConfiguration, ALICE, aClient, OTHER, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectActive, expectInactive, expectOAuthError } from '../support/expectations.js';
import { postForm, type Answer, type Form } from '../support/http.js';
import {
  aClientNamed,
  auditKindsOf,
  credentialsOf,
  expectSession,
  type Session,
} from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';
import { altered, reissue } from '../support/tokens.js';

const OPAQUE = credentialsOf('opaque-backend');
const PUBLIC = 'public-app';

describeEachDatabase('RFC 7009: token revocation', (dialect) => {
  let stack: Stack;

  beforeAll(async () => {
    const configuration = aConfiguration();
    configuration.clients.push(
      aClientNamed(OPAQUE.clientId, { access_token_format: 'opaque' }),
      aClient({
        client_id: PUBLIC,
        client_type: 'public',
        client_secret: undefined,
        grant_types: ['refresh_token'],
      }),
    );
    stack = await startStack(dialect, { configuration, environment: { REFRESH_TOKEN_GRACE: '0' } });
  });

  afterAll(() => stack.stop());

  const login = async (client = SHOP as typeof SHOP | typeof OPAQUE): Promise<Session> =>
    expectSession(await stack.login(ALICE, {}, client));

  const revoke = (form: Form, client: Parameters<Stack['revoke']>[1] = SHOP): Promise<Answer> =>
    postForm(`${stack.issuer}/oauth/revoke`, form, client);

  /** Section 2.2: 200, and a body that tells nothing. */
  function expectDone(answer: Answer): void {
    expect({ status: answer.status, body: answer.text }).toEqual({ status: 200, body: '{}' });
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(answer.headers['cache-control']).toBe('no-store');
  }

  async function expectAlive(
    session: Session,
    client = SHOP as Parameters<Stack['refresh']>[2],
  ): Promise<void> {
    expectActive(await stack.introspect(session.access_token));
    expectSession(await stack.refresh(session.refresh_token, {}, client));
  }

  async function expectDead(
    session: Session,
    client = SHOP as Parameters<Stack['refresh']>[2],
  ): Promise<void> {
    expectInactive(await stack.introspect(session.access_token));
    expectOAuthError(await stack.refresh(session.refresh_token, {}, client), 400, 'invalid_grant');
  }

  describe.each([
    ['JWT', SHOP],
    ['opaque', OPAQUE],
  ])('with %s access tokens', (_name, client) => {
    it.each(['access_token', 'refresh_token'] as const)('ends the login by its %s', async (kind) => {
      const session = await login(client);
      const another = await login(client);
      expectDone(await stack.revoke(session[kind], client));
      await expectDead(session, client);
      await expectAlive(another, client);
    });

    it.each(['access_token', 'refresh_token', 'id_token', '', 'é', 'x'.repeat(1000)])(
      'needs no hint, and is not misled by %.20j',
      async (hint) => {
        for (const kind of ['access_token', 'refresh_token'] as const) {
          const session = await login(client);
          expectDone(await revoke({ token: session[kind], token_type_hint: hint }, client));
          await expectDead(session, client);
        }
      },
    );
  });

  it('ends access tokens of every generation, by a refresh token of the last or of an older one', async () => {
    for (const older of [false, true]) {
      const first = await login();
      const second = expectSession(await stack.refresh(first.refresh_token));
      const third = expectSession(await stack.refresh(second.refresh_token));
      expectDone(await stack.revoke((older ? first : third).refresh_token));
      for (const session of [first, second, third]) {
        expectInactive(await stack.introspect(session.access_token));
      }
      expectOAuthError(await stack.refresh(third.refresh_token), 400, 'invalid_grant');
    }
  });

  it('ends the login by an access token that has expired', async () => {
    const session = await login();
    expectDone(await stack.revoke(reissue(stack, session.access_token, { exp: 1 })));
    await expectDead(session);
  });

  it('says the same the second time, and records it once', async () => {
    const session = await login();
    expectDone(await stack.revoke(session.refresh_token));
    expectDone(await stack.revoke(session.refresh_token));
    expectDone(await stack.revoke(session.access_token));
    await expectDead(session);
    const kinds = await auditKindsOf(stack, session);
    expect(kinds.filter((kind) => kind === 'authorization_revoked')).toHaveLength(1);
  });

  it.each([
    'made-up',
    'lkr_AAAA',
    'lka_AAAA',
    'lkr_',
    'a.b.c',
    '..',
    ' ',
    '\0',
    'é',
    'null',
    'x'.repeat(60 * 1024),
  ])('says the same of %.20j, which is no token', async (token) => {
    expectDone(await stack.revoke(token));
  });

  it.each<[string, (session: Session) => string]>([
    ['an altered refresh token', ({ refresh_token: token }) => altered(token)],
    ['an altered access token', ({ access_token: token }) => altered(token)],
    ['a truncated access token', ({ access_token: token }) => token.slice(0, token.lastIndexOf('.') + 1)],
  ])('does nothing for %s', async (_name, make) => {
    const session = await login();
    expectDone(await stack.revoke(make(session)));
    await expectAlive(session);
  });

  describe.each([
    ['another confidential client', OTHER],
    ['a public client', null],
  ])('for %s', (_name, other) => {
    const revokeForeign = (token: string): Promise<Answer> =>
      revoke({ token, ...(other === null && { client_id: PUBLIC }) }, other);

    it.each(['access_token', 'refresh_token'] as const)(
      'refuses a live %s of another client, and leaves it alone (section 2.1)',
      async (kind) => {
        for (const owner of [SHOP, OPAQUE]) {
          const session = await login(owner);
          const answer = await revokeForeign(session[kind]);
          expectOAuthError(answer, 400, 'invalid_grant');
          expect(answer.json).toMatchObject({ error_description: 'The token was issued to another client' });
          expect(answer.text).not.toContain(owner.clientId);
          await expectAlive(session, owner);
        }
        const session = await login();
        expectOAuthError(await revokeForeign(session[kind]), 400, 'invalid_grant');
        expect(await auditKindsOf(stack, session)).not.toContain('authorization_revoked');
      },
    );

    it('says 200 of one that is dead, as of one that never was', async () => {
      const session = await login();
      const second = expectSession(await stack.refresh(session.refresh_token));
      expectDone(await revokeForeign(reissue(stack, session.access_token, { exp: 1 })));
      expectDone(await revokeForeign(session.refresh_token));
      await expectAlive(second);
      const ended = await login();
      expectDone(await stack.revoke(ended.refresh_token));
      expectDone(await revokeForeign(ended.refresh_token));
      expectDone(await revokeForeign(ended.access_token));
    });
  });

  it.each<[string, Form]>([
    ['no token', {}],
    ['an empty one', { token: '' }],
    ['a hint alone', { token_type_hint: 'refresh_token' }],
    [
      'two',
      [
        ['token', 'a'],
        ['token', 'b'],
      ],
    ],
    ['one with a broken escape', 'token=%zz'],
  ])('refuses %s', async (_name, form) => {
    expectOAuthError(await revoke(form), 400, 'invalid_request');
  });

  it('refuses who cannot show to be a client, and leaves the token alone', async () => {
    const session = await login();
    const token = session.refresh_token;
    expectOAuthError(await revoke({ token }, null), 401, 'invalid_client');
    expectOAuthError(await revoke({ token, client_id: SHOP.clientId }, null), 401, 'invalid_client');
    expectOAuthError(await revoke({ token }, { ...SHOP, secret: 'wrong' }), 401, 'invalid_client');
    await expectAlive(session);
  });

  it('takes the credentials in the body too', async () => {
    const session = await login();
    const credentials = { client_id: SHOP.clientId, client_secret: SHOP.secret };
    expectDone(await revoke({ token: session.access_token, ...credentials }, null));
    await expectDead(session);
  });
});
