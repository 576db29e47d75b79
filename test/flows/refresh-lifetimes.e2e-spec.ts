import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { changeClient } from '../support/administration.js';
import { aConfiguration, aResourceServer, ALICE } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import {
  aClientNamed,
  auditKindsOf,
  authorizationOf,
  claimsOf,
  credentialsOf,
  expectSession,
  isActive,
  passTime,
} from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

const HOUR = 3600;

const HOURLY = credentialsOf('idle-ten-minutes-ends-after-an-hour');
const NONE = credentialsOf('policy-none');
const LIMITED_LATER = credentialsOf('policy-limited-later');
const LIMITED = credentialsOf('policy-limited-to-two');
const LIMITED_NO_GRACE = credentialsOf('policy-limited-to-one-without-grace');
const WITHOUT_GRANT = credentialsOf('without-the-refresh-grant');

describeEachDatabase('Refresh token lifetimes and policies', (dialect) => {
  let stack: Stack;

  const login = async (client = HOURLY) => expectSession(await stack.login(ALICE, {}, client));
  const refresh = (token: string, client = HOURLY) => stack.refresh(token, {}, client);

  beforeAll(async () => {
    stack = await startStack(dialect, {
      configuration: aConfiguration({
        clients: [
          aClientNamed(HOURLY.clientId, {
            refresh_token_ttl: HOUR,
            refresh_token_idle_ttl: 600,
            refresh_token_grace: 30,
            access_token_ttl: 300,
          }),
          aClientNamed(NONE.clientId, { refresh_token_policy: 'none' }),
          aClientNamed(LIMITED_LATER.clientId, { refresh_token_grace: 0 }),
          aClientNamed(LIMITED.clientId, { refresh_token_policy: 'limited', refresh_token_max_uses: 2 }),
          aClientNamed(LIMITED_NO_GRACE.clientId, {
            refresh_token_policy: 'limited',
            refresh_token_max_uses: 1,
            refresh_token_grace: 0,
          }),
          aClientNamed(WITHOUT_GRANT.clientId, { grant_types: ['password'] }),
          aResourceServer(),
        ],
      }),
    });
  });

  afterAll(() => stack.stop());

  describe('the idle lifetime', () => {
    it('counts from the login', async () => {
      const session = await login();
      await passTime(stack, session, 601);
      expectOAuthError(await refresh(session.refresh_token), 400, 'invalid_grant');
      expect(await auditKindsOf(stack, session)).toEqual(['login']);
    });

    it('counts from the last rotation', async () => {
      const session = await login();
      await passTime(stack, session, 590);
      const first = expectSession(await refresh(session.refresh_token));
      await passTime(stack, session, 590);
      const second = expectSession(await refresh(first.refresh_token));
      await passTime(stack, session, 601);
      expectOAuthError(await refresh(second.refresh_token), 400, 'invalid_grant');
    });
  });

  describe('the absolute lifetime', () => {
    it('holds however often the session is refreshed', async () => {
      const session = await login();
      const { expires_at: end } = await authorizationOf(stack, session);
      let current = session;
      let passed = 0;
      for (; passed + 500 < HOUR; passed += 500) {
        await passTime(stack, session, 500);
        current = expectSession(await refresh(current.refresh_token));
      }
      expect((await authorizationOf(stack, session)).expires_at).toBe(Number(end) - passed * 1000);
      await passTime(stack, session, HOUR - passed);
      expectOAuthError(await refresh(current.refresh_token), 400, 'invalid_grant');
      expect(await isActive(stack, current)).toBe(false);
    });

    it('is not extended by a retry, and ends inside the grace too', async () => {
      let current = await login();
      for (let rotation = 0; rotation < 6; rotation++) {
        await passTime(stack, current, 597);
        current = expectSession(await refresh(current.refresh_token));
      }
      expect(expectSession(await refresh(current.refresh_token)).refresh_token).toBe(current.refresh_token);
      await passTime(stack, current, HOUR - 6 * 597 + 1);
      expectOAuthError(await refresh(current.refresh_token), 400, 'invalid_grant');
    });

    it('bounds the access token, which cannot outlive its session', async () => {
      const session = await login();
      let current = session;
      for (const seconds of [590, 590, 590, 590, 590, 590]) {
        await passTime(stack, session, seconds);
        current = expectSession(await refresh(current.refresh_token));
      }
      expect(current.expires_in).toBeLessThanOrEqual(HOUR - 6 * 590);
      const { exp, iat } = claimsOf(current) as unknown as { exp: number; iat: number };
      expect(exp - iat).toBe(current.expires_in);
    });
  });

  describe('the policies', () => {
    it.each([
      ['none', NONE],
      ['without the grant type', WITHOUT_GRANT],
    ])('%s: a login gets no refresh token', async (_, client) => {
      const tokens = expectTokens(await stack.login(ALICE, {}, client));
      expect(tokens).not.toHaveProperty('refresh_token');
      expect(await isActive(stack, tokens)).toBe(true);
      expect(await authorizationOf(stack, tokens)).toMatchObject({ seed: null });
    });

    it('unlimited: goes on until the lifetime ends', async () => {
      let current = await login();
      for (let use = 0; use < 20; use++) {
        await passTime(stack, current, 31);
        current = expectSession(await refresh(current.refresh_token));
      }
      expect(await authorizationOf(stack, current)).toMatchObject({ generation: 20 });
    });

    it('limited: the answer to the last use carries no refresh token', async () => {
      const session = await login(LIMITED);
      const first = expectSession(await refresh(session.refresh_token, LIMITED));
      await passTime(stack, session, 31);
      const last = expectTokens(await refresh(first.refresh_token, LIMITED));
      expect(last).not.toHaveProperty('refresh_token');
      expect(await isActive(stack, last)).toBe(true);

      const retry = expectTokens(await refresh(first.refresh_token, LIMITED));
      expect(retry).not.toHaveProperty('refresh_token');
      expect(await isActive(stack, retry)).toBe(true);
      expect(await authorizationOf(stack, session)).toMatchObject({ generation: 2 });
    });

    it('limited: retrying the last use after the grace is refused', async () => {
      const session = await login(LIMITED);
      const first = expectSession(await refresh(session.refresh_token, LIMITED));
      await passTime(stack, session, 31);
      expectTokens(await refresh(first.refresh_token, LIMITED));
      await passTime(stack, session, 31);
      expectOAuthError(await refresh(first.refresh_token, LIMITED), 400, 'invalid_grant');
      expect(await authorizationOf(stack, session)).toMatchObject({ generation: 2 });
    });

    it('limited: a retry inside the grace is no use', async () => {
      const session = await login(LIMITED);
      const first = expectSession(await refresh(session.refresh_token, LIMITED));
      for (let retry = 0; retry < 5; retry++) {
        expect(expectSession(await refresh(session.refresh_token, LIMITED)).refresh_token).toBe(
          first.refresh_token,
        );
      }
      await passTime(stack, session, 31);
      expectTokens(await refresh(first.refresh_token, LIMITED));
    });

    it('limited without grace: one use, and none more', async () => {
      const session = await login(LIMITED_NO_GRACE);
      const last = expectTokens(await refresh(session.refresh_token, LIMITED_NO_GRACE));
      expect(last).not.toHaveProperty('refresh_token');
      expectOAuthError(await refresh(session.refresh_token, LIMITED_NO_GRACE), 400, 'invalid_grant');
    });

    it('limited since a while ago: who has used more refreshes no more', async () => {
      const client = LIMITED_LATER;
      let { refresh_token: token } = await login(client);
      for (let use = 1; use <= 3; use++) {
        ({ refresh_token: token } = expectSession(await refresh(token, client)));
      }
      await changeClient(stack, client.clientId, { refreshTokenPolicy: 'limited', refreshTokenMaxUses: 3 });
      expectOAuthError(await refresh(token, client), 400, 'invalid_grant');
    });
  });
});
