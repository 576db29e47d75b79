import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { administrationBy, administrator, EVERYTHING, ROOT, type AdminApi } from '../support/admin-api.js';
import { administerUser } from '../support/administration.js';
import { ALICE, SHOP } from '../support/builders.js';
import { restoreClock, setClock } from '../support/clock.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectSameAnswer, expectTokens } from '../support/expectations.js';
import { FREE_ATTEMPTS, STRICT, tryPassword } from '../support/guessing.js';
import { enrol, otp, passwordOnly, withAccounts } from '../support/second-factors.js';
import { startStack, type Stack } from '../support/stack.js';

interface Throttled {
  sources: string;
  factor: string | null;
  reason: string;
  failed_logins: number;
  last_failed_at: string;
  until: string;
}

describeEachDatabase('An administrator sees that a user is throttled', (dialect) => {
  let stack: Stack;
  let admin: AdminApi;
  let path: string;

  const throttled = async () => ((await admin.get(path)).json as { throttled: Throttled[] }).throttled;
  const guess = (count: number, from?: string) =>
    Promise.all(
      Array.from({ length: count }, () => tryPassword(stack, 'guess', from === undefined ? {} : { from })),
    );
  const secondsOf = ({ last_failed_at: from, until }: Throttled) =>
    (Date.parse(until) - Date.parse(from)) / 1000;

  beforeEach(async () => {
    stack = await startStack(dialect, {
      ...STRICT,
      configuration: (issuer) => ({
        ...withAccounts()(issuer),
        clients: [
          ...withAccounts({ forwards_end_user_address: true })(issuer).clients,
          administrator(ROOT, EVERYTHING, issuer),
        ],
      }),
    });
    admin = await administrationBy(stack, ROOT, 'admin:users admin:audit');
    path = `/users/${await administerUser(stack, ALICE.username).sub()}`;
  });

  afterEach(async () => {
    restoreClock();
    await stack.stop();
  });

  it('until when, why, and for whom; nothing before, and nothing after unlocking', async () => {
    await guess(FREE_ATTEMPTS - 1, '203.0.113.1');
    expect(await throttled()).toEqual([]);
    await guess(1, '203.0.113.1');
    const [delay, ...others] = await throttled();
    expect(others).toEqual([]);
    expect(delay).toMatchObject({
      sources: 'unknown_addresses',
      factor: null,
      reason: 'failed_logins',
      failed_logins: FREE_ATTEMPTS,
    });
    expect(delay && secondsOf(delay)).toBe(60);
    await guess(FREE_ATTEMPTS);
    const both = await throttled();
    expect(both.map((each) => [each.sources, secondsOf(each)])).toEqual([
      ['unknown_addresses', 60],
      ['without_address', 10],
    ]);
    expect((await admin.post(`${path}/unlock`)).status).toBe(200);
    expect(await throttled()).toEqual([]);
    expectTokens(await stack.login(ALICE));
  });

  it('with codes of an authenticator too, and lets the user in again', async () => {
    const authenticator = await enrol(stack, ALICE);
    const { mfa_token: token } = await passwordOnly(stack, ALICE);
    const show = (code: string, address: string) =>
      otp(stack, token, code, SHOP, { 'latchkey-forwarded-for': address });
    for (let index = 0; index < FREE_ATTEMPTS; index++) {
      await show(authenticator.wrongCode(), `203.0.113.${index}`);
    }
    expectOAuthError(await show(authenticator.code(), '198.51.100.7'), 400, 'invalid_grant');
    expect(await throttled()).toMatchObject([
      { sources: 'unknown_addresses', factor: 'otp', failed_logins: FREE_ATTEMPTS },
    ]);
    expect((await admin.post(`${path}/unlock`)).status).toBe(200);
    expect(await throttled()).toEqual([]);
    expectTokens(await show(authenticator.code(), '198.51.100.7'));
  });

  it('and from where codes were guessed, wherever the password came from', async () => {
    const authenticator = await enrol(stack, ALICE);
    const { mfa_token: token } = await passwordOnly(stack, ALICE);
    const guesser = { 'latchkey-forwarded-for': '203.0.113.5' };
    await otp(stack, token, authenticator.wrongCode(), SHOP, guesser);
    const { json } = await admin.get('/audit-events?kind=login&outcome=failure');
    expect(json).toMatchObject({ data: [{ address: '203.0.113.5', detail: { reason: 'wrong code' } }] });
  });

  it('no longer than it is so', async () => {
    await guess(FREE_ATTEMPTS, '203.0.113.1');
    expect(await throttled()).toHaveLength(1);
    setClock(stack, 61);
    expect(await throttled()).toEqual([]);
  });

  it('by the present clock, when it was set back', async () => {
    setClock(stack, 3600);
    await guess(FREE_ATTEMPTS, '203.0.113.1');
    setClock(stack, 0);
    const [delay] = await throttled();
    expect(Date.parse(delay?.until ?? '')).toBeLessThanOrEqual(Date.now() + 60_000);
  });

  it('and the audit log tells throttled attempts from wrong passwords, though the answers are alike', async () => {
    const answers = await guess(8, '203.0.113.1');
    const [first, ...others] = answers;
    for (const answer of answers) expectOAuthError(answer, 400, 'invalid_grant');
    if (first !== undefined) expectSameAnswer(first, ...others);
    const { data } = (await admin.get('/audit-events?kind=login&outcome=failure')).json as {
      data: { detail: { reason: string }; count: number }[];
    };
    const counts = new Map<string, number>();
    for (const { detail, count } of data) counts.set(detail.reason, (counts.get(detail.reason) ?? 0) + count);
    expect(Object.fromEntries(counts)).toEqual({
      'wrong password': FREE_ATTEMPTS,
      'too many attempts': 8 - FREE_ATTEMPTS,
    });
  });
});
