import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import { administerUser } from '../support/administration.js';
import { aConfiguration, ALICE, aUser, BOB, OTHER, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError } from '../support/expectations.js';
import type { Answer } from '../support/http.js';
import { metricOf } from '../support/metrics.js';
import { alterAuthorization, claimsOf, expectSession, passTime, type Session } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

const CAROL = { username: 'carol', password: 'seven quiet lanterns drifting' };

describeEachDatabase('Every outcome', (dialect) => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack(dialect, {
      configuration: aConfiguration({ users: [aUser(), aUser(BOB), aUser(CAROL)] }),
      environment: { THROTTLE_FREE_ATTEMPTS: '3', THROTTLE_BASE_DELAY: '60' },
    });
    await administerUser(stack, BOB.username).disable();
  });

  afterAll(() => stack.stop());

  const linesOf = ({ headers }: Answer) =>
    stack.log
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ request_id: id }) => id === headers['x-request-id']);

  const eventOf = (answer: Answer) => linesOf(answer).find(({ event }) => event !== undefined);

  /** How much a metric grows while something happens. */
  const growth = async (
    name: string,
    labels: Record<string, string>,
    act: () => Promise<unknown>,
  ): Promise<number> => {
    const before = await metricOf(stack.application, name, labels);
    await act();
    return (await metricOf(stack.application, name, labels)) - before;
  };

  describe('of a login is counted and has a log line with who, through which client and in which request', () => {
    it.each([
      ['success', ALICE, 200],
      ['wrong_password', { ...ALICE, password: 'wrong' }, 400],
      ['unknown_user', { ...ALICE, username: 'nobody-has-this-name' }, 400],
      ['disabled_user', BOB, 400],
    ])('%s', async (outcome, owner, status) => {
      let answer!: Answer;
      const counted = await growth('latchkey_logins_total', { outcome }, async () => {
        answer = await stack.login(owner);
      });
      expect([answer.status, counted]).toEqual([status, 1]);
      const event = eventOf(answer);
      expect(event).toMatchObject({
        event: 'login',
        outcome: status === 200 ? 'success' : 'failure',
        client_id: SHOP.clientId,
        subject: expect.stringMatching(
          outcome === 'unknown_user' ? /^unknown:[\w-]{22}$/ : /^[0-9a-f-]{36}$/,
        ),
      });
      if (status !== 200) expect(event).toMatchObject({ detail: { reason: outcome.replace('_', ' ') } });
      expect(JSON.stringify(linesOf(answer))).not.toContain('nobody-has-this-name');
    });

    it('factor_asked', async () => {
      let answer!: Answer;
      const counted = await growth('latchkey_logins_total', { outcome: 'factor_asked' }, async () => {
        answer = await stack.login(ALICE, { acr_values: 'urn:latchkey:acr:mfa' });
      });
      expect([answer.status, counted]).toEqual([403, 1]);
      expect(eventOf(answer)).toMatchObject({
        event: 'login',
        outcome: 'factor_asked',
        client_id: SHOP.clientId,
        subject: await administerUser(stack, ALICE.username).sub(),
        address: '127.0.0.1',
      });
      expect(JSON.stringify(linesOf(answer))).not.toContain('lkm_');
    });

    it('throttled', async () => {
      const guess = () => stack.login({ ...CAROL, password: 'wrong' });
      const answers: Answer[] = [];
      const counted = await growth('latchkey_logins_total', { outcome: 'throttled' }, async () => {
        answers.push(...(await Promise.all(Array.from({ length: 6 }, guess))));
      });
      expect(counted).toBe(3);
      const throttled = answers.filter((answer) => {
        const { detail } = eventOf(answer) as { detail: { reason: string } };
        return detail.reason === 'too many attempts';
      });
      expect(throttled).toHaveLength(3);
    });

    it('names the clients that still use the password grant', async () => {
      const labels = { client_id: OTHER.clientId };
      const counted = await growth('latchkey_password_grant_logins_total', labels, () =>
        stack.login(ALICE, {}, OTHER),
      );
      expect(counted).toBe(1);
    });
  });

  describe('of a refresh is counted', () => {
    const login = async (): Promise<Session> => expectSession(await stack.login(ALICE));
    const refreshed = (outcome: string, act: () => Promise<unknown>) =>
      growth('latchkey_refreshes_total', { outcome }, act);

    it('rotated and repeated, with a log line that names the session', async () => {
      const session = await login();
      const answers: Answer[] = [];
      const refresh = async () => void answers.push(await stack.refresh(session.refresh_token));
      expect(await refreshed('rotated', refresh)).toBe(1);
      expect(await refreshed('repeated', refresh)).toBe(1);
      const { sid, sub } = claimsOf(session);
      const fields = { event: 'refresh', client_id: SHOP.clientId, subject: sub, sid };
      expect(answers.map(linesOf)).toEqual([
        expect.arrayContaining([expect.objectContaining({ ...fields, outcome: 'rotated' })]),
        expect.arrayContaining([
          expect.objectContaining({ ...fields, event: 'refresh_token_repeated' }),
          expect.objectContaining({ ...fields, outcome: 'repeated' }),
        ]),
      ]);
    });

    it('reuse: with a warning', async () => {
      const session = await login();
      await stack.refresh(session.refresh_token);
      await passTime(stack, session, 31);
      let answer!: Answer;
      const thief = async () => void (answer = await stack.refresh(session.refresh_token));
      const total = await growth('latchkey_refresh_token_reuse_total', {}, async () => {
        expect(await refreshed('reuse', thief)).toBe(1);
        expect(await refreshed('ended', thief)).toBe(1);
      });
      expect(total).toBe(1);
      const warnings = stack.log
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter(({ event, sid }) => event === 'refresh_token_reuse' && sid === claimsOf(session).sid);
      expect(warnings).toMatchObject([
        { level: 40, client_id: SHOP.clientId, subject: claimsOf(session).sub },
      ]);
      expectOAuthError(answer, 400, 'invalid_grant');
    });

    it('rollback: with a warning', async () => {
      const session = await login();
      const successor = expectSession(await stack.refresh(session.refresh_token));
      await alterAuthorization(stack, session, sql`generation = 0`);
      let answer!: Answer;
      const total = await growth('latchkey_rollback_detected_total', {}, async () => {
        expect(
          await refreshed('rollback', async () => {
            answer = await stack.refresh(successor.refresh_token);
          }),
        ).toBe(1);
      });
      expect(total).toBe(1);
      expect(eventOf(answer)).toMatchObject({ level: 40, event: 'rollback_detected' });
    });

    it('expired and clock', async () => {
      const session = await login();
      await stack.refresh(session.refresh_token);
      await alterAuthorization(stack, session, sql`rotated_at = rotated_at + 3600000`);
      expect(await refreshed('clock', () => stack.refresh(session.refresh_token))).toBe(1);
      const idle = await login();
      await alterAuthorization(stack, idle, sql`created_at = created_at - ${8 * 86_400_000}`);
      expect(await refreshed('expired', () => stack.refresh(idle.refresh_token))).toBe(1);
    });

    it('unknown', async () => {
      const { refresh_token: token } = await login();
      expect(await refreshed('unknown', () => stack.refresh(token, {}, OTHER))).toBe(1);
      expect(await refreshed('unknown', () => stack.refresh('lkr_nonsense'))).toBe(1);
    });
  });

  it('of client authentication is counted by reason', async () => {
    const failed = (reason: string, act: () => Promise<unknown>) =>
      growth('latchkey_client_authentication_failures_total', { reason }, act);
    const { clientId } = SHOP;
    expect(await failed('wrong_secret', () => stack.login(ALICE, {}, { clientId, secret: 'wrong' }))).toBe(1);
    const nobody = { clientId: 'nobody', secret: 'wrong' };
    expect(await failed('unknown_client', () => stack.introspect('x', nobody))).toBe(1);
    expect(await failed('malformed', () => stack.token({ grant_type: 'password' }, null))).toBe(1);
    expect(await failed('no_secret', () => stack.token({ client_id: clientId }, null))).toBe(1);
  });

  it('of the token endpoint is counted by grant type and error code', async () => {
    const requested = (grant_type: string, outcome: string, act: () => Promise<unknown>) =>
      growth('latchkey_token_requests_total', { grant_type, outcome }, act);
    expect(await requested('password', 'success', () => stack.login(ALICE))).toBe(1);
    expect(await requested('password', 'invalid_scope', () => stack.login(ALICE, { scope: 'x' }))).toBe(1);
    expect(await requested('refresh_token', 'invalid_grant', () => stack.refresh('x'))).toBe(1);
    expect(await requested('other', 'unsupported_grant_type', () => stack.token({ grant_type: 'x' }))).toBe(
      1,
    );
    const refused = 'unauthorized_client';
    const grant = { grant_type: 'client_credentials' };
    expect(await requested('client_credentials', refused, () => stack.token(grant))).toBe(1);
  });

  it('of a revocation and of administration has a log line', async () => {
    const session = expectSession(await stack.login(ALICE));
    const answer = await stack.revoke(session.refresh_token);
    expect(eventOf(answer)).toMatchObject({
      event: 'authorization_revoked',
      actor: SHOP.clientId,
      sid: claimsOf(session).sid,
    });
    const events = stack.log.map((line) => JSON.parse(line) as Record<string, unknown>);
    for (const event of [
      'client_created',
      'user_created',
      'scope_created',
      'user_disabled',
      'configuration_applied',
    ]) {
      expect(events).toContainEqual(
        expect.objectContaining({ event, outcome: 'success', msg: 'audit event' }),
      );
    }
  });
});
