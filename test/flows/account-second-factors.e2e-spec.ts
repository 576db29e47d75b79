import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { ALICE, BOB } from '../support/builders.js';
import { restoreClock, setClock } from '../support/clock.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectBearerChallenge, expectTokens } from '../support/expectations.js';
import { account, enrol, withAccounts } from '../support/second-factors.js';
import { startStack, type Stack } from '../support/stack.js';

describeEachDatabase('Second factors under /account', (dialect) => {
  let stack: Stack;

  beforeEach(async () => {
    stack = await startStack(dialect, { configuration: withAccounts({ access_token_ttl: 3600 }) });
  });

  afterEach(async () => {
    restoreClock();
    await stack.stop();
  });

  const token = async (form: Record<string, string> = {}) =>
    expectTokens(await stack.login(ALICE, { scope: 'account', ...form })).access_token;

  it('are shown without their secrets, and pending until a code of them was shown', async () => {
    const mine = await token();
    const added = await account(stack, 'POST', '/factors', mine, { type: 'totp' });
    expect(added).toMatchObject({
      status: 201,
      json: {
        id: expect.any(String),
        type: 'totp',
        state: 'pending',
        secret: expect.stringMatching(/^[A-Z2-7]{32}$/),
        otpauth_uri: expect.stringMatching(/^otpauth:\/\/totp\//),
      },
    });
    const { json } = await account(stack, 'GET', '/factors', mine);
    expect(json).toEqual({
      data: [expect.objectContaining({ type: 'totp', state: 'pending', last_used_at: null })],
      recovery_codes: 0,
      types_supported: ['totp'],
    });
    expect(JSON.stringify(json)).not.toContain((added.json as { secret: string }).secret);
    // Not asked for yet.
    expectTokens(await stack.login(ALICE));
  });

  it('are confirmed by a right code only', async () => {
    const mine = await token();
    const { id } = (await account(stack, 'POST', '/factors', mine, { type: 'totp' })).json as { id: string };
    for (const code of ['000000', '', 'abc', '１２３４５６'])
      expect(
        (await account(stack, 'POST', `/factors/${id}/confirm`, mine, { code })).status,
      ).toBeGreaterThanOrEqual(400);
    expectTokens(await stack.login(ALICE));
  });

  it('are not changed by a token of an old login, nor by one of the password alone', async () => {
    const weak = await token();
    const authenticator = await enrol(stack, ALICE);
    const strong = await token({ totp: authenticator.code() });
    const factors = (await account(stack, 'GET', '/factors', strong)).json as { data: { id: string }[] };
    const path = `/factors/${factors.data[0]?.id}`;
    const refused = async (mine: string) => {
      for (const request of [
        () => account(stack, 'DELETE', path, mine),
        () => account(stack, 'POST', '/factors', mine, { type: 'totp' }),
        () => account(stack, 'POST', '/recovery-codes', mine),
      ])
        expectBearerChallenge(await request(), 401, 'insufficient_user_authentication');
    };
    await refused(weak);
    setClock(stack, 5 * 60 + 1);
    await refused(strong);
    setClock(stack, 0);
    expect((await account(stack, 'DELETE', path, strong)).status).toBe(204);
    expectTokens(await stack.login(ALICE));
  });

  it('belong to their user', async () => {
    await enrol(stack, ALICE);
    const bobs = expectTokens(await stack.login(BOB, { scope: 'account' })).access_token;
    const { json } = await account(stack, 'GET', '/factors', bobs);
    expect(json).toEqual({ data: [], recovery_codes: 0, types_supported: ['totp'] });
  });
});
