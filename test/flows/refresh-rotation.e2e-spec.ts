import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import { aConfiguration, aResourceServer, ALICE } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError } from '../support/expectations.js';
import {
  aClientNamed,
  alterAuthorization,
  auditKindsOf,
  authorizationOf,
  claimsOf,
  credentialsOf,
  expectSession,
  isActive,
  passTime,
  type Session,
} from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

const GRACE = credentialsOf('thirty-seconds-grace');
const NO_GRACE = credentialsOf('no-grace');

describeEachDatabase('Refresh token rotation', (dialect) => {
  let stack: Stack;
  let session: Session;

  const login = async (client = GRACE) => expectSession(await stack.login(ALICE, {}, client));
  const refresh = async (token: string, client = GRACE) =>
    expectSession(await stack.refresh(token, {}, client));

  beforeAll(async () => {
    stack = await startStack(dialect, {
      configuration: aConfiguration({
        clients: [
          aClientNamed(GRACE.clientId, { refresh_token_grace: 30 }),
          aClientNamed(NO_GRACE.clientId, { refresh_token_grace: 0 }),
          aResourceServer(),
        ],
      }),
    });
  });

  afterAll(() => stack.stop());

  it('gives out a new refresh token and a new access token of the same session', async () => {
    session = await login();
    const refreshed = await refresh(session.refresh_token);
    expect(refreshed.refresh_token).not.toBe(session.refresh_token);
    expect(refreshed.access_token).not.toBe(session.access_token);
    expect(refreshed.scope).toBe(session.scope);
    expect(claimsOf(refreshed)).toMatchObject({
      sid: claimsOf(session).sid,
      sub: claimsOf(session).sub,
      auth_time: claimsOf(session).auth_time,
    });
    expect(claimsOf(refreshed).jti).not.toBe(claimsOf(session).jti);
    expect(await authorizationOf(stack, session)).toMatchObject({ generation: 1 });
  });

  it('keeps the access token of before, which lives until it expires', async () => {
    session = await login();
    await refresh(session.refresh_token);
    expect(await isActive(stack, session)).toBe(true);
  });

  it('rotates the first time however soon after the login, because a login is no rotation', async () => {
    session = await login();
    expect(await authorizationOf(stack, session)).toMatchObject({ generation: 0, rotated_at: null });
    const refreshed = await refresh(session.refresh_token);
    expect(refreshed.refresh_token).not.toBe(session.refresh_token);
  });

  it('rotates again once the grace is over', async () => {
    session = await login();
    const first = await refresh(session.refresh_token);
    await passTime(stack, session, 31);
    const second = await refresh(first.refresh_token);
    expect(new Set([session, first, second].map((answer) => answer.refresh_token)).size).toBe(3);
    expect(await authorizationOf(stack, session)).toMatchObject({ generation: 2 });
    expect(await isActive(stack, second)).toBe(true);
  });

  it('leaves no audit row: a refresh is everyday business', async () => {
    session = await login();
    await refresh(session.refresh_token);
    expect(await auditKindsOf(stack, session)).toEqual(['login']);
  });

  describe('inside the grace', () => {
    it('answers a retry with the same refresh token and another access token', async () => {
      session = await login();
      const first = await refresh(session.refresh_token);
      const retry = await refresh(session.refresh_token);
      expect(retry.refresh_token).toBe(first.refresh_token);
      expect(retry.access_token).not.toBe(first.access_token);
      expect(await isActive(stack, first)).toBe(true);
      expect(await isActive(stack, retry)).toBe(true);
    });

    it('answers the current refresh token with itself', async () => {
      session = await login();
      const first = await refresh(session.refresh_token);
      const second = await refresh(first.refresh_token);
      expect(second.refresh_token).toBe(first.refresh_token);
      expect(second.access_token).not.toBe(first.access_token);
      expect(await authorizationOf(stack, session)).toMatchObject({ generation: 1 });
    });

    it('still answers the previous one after the current one was used', async () => {
      session = await login();
      const first = await refresh(session.refresh_token);
      await refresh(first.refresh_token);
      expect((await refresh(session.refresh_token)).refresh_token).toBe(first.refresh_token);
    });

    it('changes nothing that is stored, so that retries cannot stretch the grace or the idle time', async () => {
      session = await login();
      const first = await refresh(session.refresh_token);
      await passTime(stack, session, 20);
      const before = await authorizationOf(stack, session);
      await refresh(session.refresh_token);
      await refresh(first.refresh_token);
      expect(await authorizationOf(stack, session)).toEqual(before);
      await passTime(stack, session, 11);
      expectOAuthError(await stack.refresh(session.refresh_token, {}, GRACE), 400, 'invalid_grant');
    });

    it('does not help a session that was revoked', async () => {
      session = await login();
      const first = await refresh(session.refresh_token);
      expect((await stack.revoke(first.refresh_token, GRACE)).status).toBe(200);
      expectOAuthError(await stack.refresh(session.refresh_token, {}, GRACE), 400, 'invalid_grant');
      expectOAuthError(await stack.refresh(first.refresh_token, {}, GRACE), 400, 'invalid_grant');
    });
  });

  describe('with a grace of 0', () => {
    it('rotates every time', async () => {
      session = await login(NO_GRACE);
      const first = await refresh(session.refresh_token, NO_GRACE);
      const second = await refresh(first.refresh_token, NO_GRACE);
      expect(second.refresh_token).not.toBe(first.refresh_token);
      expect(await authorizationOf(stack, session)).toMatchObject({ generation: 2 });
    });

    it('takes a retry for theft', async () => {
      session = await login(NO_GRACE);
      const first = await refresh(session.refresh_token, NO_GRACE);
      expectOAuthError(await stack.refresh(session.refresh_token, {}, NO_GRACE), 400, 'invalid_grant');
      expectOAuthError(await stack.refresh(first.refresh_token, {}, NO_GRACE), 400, 'invalid_grant');
      expect(await auditKindsOf(stack, session)).toEqual(['login', 'refresh_token_reuse']);
    });
  });

  describe('when the clock was set back behind the last rotation', () => {
    beforeEach(async () => {
      session = await login();
    });

    it('rotates the current token, and time passes as usual from there', async () => {
      const first = await refresh(session.refresh_token);
      await alterAuthorization(stack, session, sql`rotated_at = rotated_at + 60000`);
      const second = await refresh(first.refresh_token);
      expect(second.refresh_token).not.toBe(first.refresh_token);
      expect((await refresh(first.refresh_token)).refresh_token).toBe(second.refresh_token);
    });

    it('asks to try the previous token again, and revokes nothing', async () => {
      const first = await refresh(session.refresh_token);
      await alterAuthorization(stack, session, sql`rotated_at = rotated_at + 60000`);
      const { refresh_token: token } = session;
      expectOAuthError(await stack.refresh(token, {}, GRACE), 503, 'temporarily_unavailable');
      expect(await isActive(stack, first)).toBe(true);
      expect(await auditKindsOf(stack, session)).toEqual(['login']);

      await alterAuthorization(stack, session, sql`rotated_at = rotated_at - 60000`);
      expect((await refresh(token)).refresh_token).toBe(first.refresh_token);
    });
  });
});
