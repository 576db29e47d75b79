import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { newUserLike, type Owner } from '../support/administration.js';
import { ALICE, BOB, OTHER, SHOP } from '../support/builders.js';
import { postForm } from '../support/http.js';
import { restoreClock, setClock } from '../support/clock.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectActive, expectOAuthError, expectSameAnswer, expectTokens } from '../support/expectations.js';
import {
  account,
  Authenticator,
  enrol,
  otp,
  passwordOnly,
  RECOVERY_CODE,
  withAccounts,
} from '../support/second-factors.js';
import { startStack, type Stack } from '../support/stack.js';

const UNKNOWN_TOKENS = ['', 'x', 'lkm_', `lkm_${'A'.repeat(82)}`, 'lkr_AAAA', '０'.repeat(10)];

describeEachDatabase('A login with a second factor', (dialect) => {
  let stack: Stack;
  let owner: Owner;
  let other: Owner;
  let authenticator: Authenticator;

  beforeAll(async () => {
    stack = await startStack(dialect, { configuration: withAccounts() });
  });

  beforeEach(async () => {
    owner = await newUserLike(stack, ALICE);
    other = await newUserLike(stack, BOB);
    authenticator = await enrol(stack, owner);
  });

  afterEach(() => {
    // The database's clock too.
    setClock(stack, 0);
    restoreClock();
  });

  afterAll(() => stack.stop());

  it('ends with the password where the user has none, as before', async () => {
    const { access_token: token } = expectTokens(await stack.login(other));
    expect(decodeJwt(token)).toMatchObject({ amr: ['pwd'], acr: 'urn:latchkey:acr:pwd' });
  });

  it('asks for the factor after the right password, and ends with its code', async () => {
    const required = await passwordOnly(stack, owner);
    expect(required).toEqual({
      error: 'mfa_required',
      error_description: expect.any(String),
      mfa_token: expect.stringMatching(/^lkm_/),
      mfa_requirements: { challenge: [{ type: 'otp' }, { type: 'recovery-code' }] },
    });
    const answer = await otp(stack, required.mfa_token, authenticator.code());
    const { access_token: token, refresh_token: refreshToken } = expectTokens(answer);
    expect(answer.headers['latchkey-device']).toEqual(expect.any(String));
    const claims = { amr: ['pwd', 'otp', 'mfa'], acr: 'urn:latchkey:acr:mfa', auth_time: expect.any(Number) };
    expect(decodeJwt(token)).toMatchObject(claims);
    expect(expectActive(await stack.introspect(token))).toMatchObject(claims);
    const refreshed = expectTokens(await stack.refresh(refreshToken ?? ''));
    expect(decodeJwt(refreshed.access_token)).toMatchObject(claims);
  });

  it('says nothing of the factor before the password is right', async () => {
    const wrong = await stack.login({ ...owner, password: 'wrong' });
    expectOAuthError(wrong, 400, 'invalid_grant');
    expectSameAnswer(wrong, await stack.login({ ...other, password: 'wrong' }));
    expectSameAnswer(
      wrong,
      await stack.login({ ...owner, password: 'wrong' }, { totp: authenticator.code() }),
    );
  });

  it('takes the code beside the password, for programs', async () => {
    const { access_token: token } = expectTokens(await stack.login(owner, { totp: authenticator.code() }));
    expect(decodeJwt(token)).toMatchObject({ amr: ['pwd', 'otp', 'mfa'] });
    expectOAuthError(await stack.login(owner, { totp: authenticator.code() }), 400, 'invalid_grant');
    expectOAuthError(await stack.login(owner, { totp: authenticator.wrongCode() }), 400, 'invalid_grant');
  });

  it.each(['12345', '1234567', 'abcdef', '１２３４５６', '12 3456', '-12345'])(
    'does not end with %j, and goes on with the right code',
    async (code) => {
      const { mfa_token: token } = await passwordOnly(stack, owner);
      expectOAuthError(await otp(stack, token, code), 400, 'invalid_grant');
      expectTokens(await otp(stack, token, authenticator.code()));
    },
  );

  it('takes a code once: in the same login, and in another one', async () => {
    const code = authenticator.code();
    const first = await passwordOnly(stack, owner);
    const second = await passwordOnly(stack, owner);
    expectTokens(await otp(stack, first.mfa_token, code));
    expectOAuthError(await otp(stack, second.mfa_token, code), 400, 'invalid_grant');
    expectTokens(await otp(stack, second.mfa_token, authenticator.code(1)));
  });

  it('takes a code once among many at the same time', async () => {
    const logins = await Promise.all(Array.from({ length: 4 }, () => passwordOnly(stack, owner)));
    const code = authenticator.code();
    const answers = await Promise.all(logins.map(({ mfa_token: token }) => otp(stack, token, code)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('gives the same request its answer again, for ten seconds', async () => {
    const { mfa_token: token } = await passwordOnly(stack, owner);
    const code = authenticator.code();
    const [one, other] = (await Promise.all([otp(stack, token, code), otp(stack, token, code)])).map(
      expectTokens,
    );
    expect(other?.refresh_token).toBe(one?.refresh_token);
    expect(expectTokens(await otp(stack, token, code)).refresh_token).toBe(one?.refresh_token);
    expectOAuthError(await otp(stack, token, authenticator.code(1)), 400, 'invalid_grant');
    setClock(stack, 11);
    expectOAuthError(await otp(stack, token, code), 400, 'invalid_grant');
  });

  it('is over after ten minutes', async () => {
    const { mfa_token: token } = await passwordOnly(stack, owner);
    setClock(stack, 10 * 60 + 1);
    expectOAuthError(await otp(stack, token, authenticator.code()), 400, 'invalid_grant');
  });

  it('has one text for every mfa_token that is no good', async () => {
    const spent = await passwordOnly(stack, owner);
    expectTokens(await otp(stack, spent.mfa_token, authenticator.code()));
    const foreign = await passwordOnly(stack, owner);
    const code = authenticator.code(1);
    const answers = [
      await otp(stack, spent.mfa_token, code),
      await otp(stack, foreign.mfa_token, code, OTHER),
      ...(await Promise.all(UNKNOWN_TOKENS.slice(1).map((token) => otp(stack, token, code)))),
      await otp(stack, `${foreign.mfa_token.slice(0, -3)}AAA`, code),
    ];
    expectSameAnswer(answers[0]!, ...answers.slice(1));
    expectTokens(await otp(stack, foreign.mfa_token, code));
  });

  it.each(['12 h ahead', '12 h behind'])('goes on after a clock that was %s is right again', async (jump) => {
    setClock(stack, jump === '12 h ahead' ? 43_200 : -43_200);
    const wrongTime = await passwordOnly(stack, owner);
    await otp(stack, wrongTime.mfa_token, authenticator.code());
    restoreClock();
    setClock(stack, 0);
    const { mfa_token: token } = await passwordOnly(stack, owner);
    expectTokens(await otp(stack, token, authenticator.code(1)));
    const again = await passwordOnly(stack, owner);
    expectOAuthError(await otp(stack, again.mfa_token, authenticator.code(1)), 400, 'invalid_grant');
  });

  describe('and recovery codes', () => {
    const recover = (token: string, code: string) =>
      stack.token({ grant_type: RECOVERY_CODE, mfa_token: token, recovery_code: code });
    let codes: string[];

    beforeEach(async () => {
      const { access_token: token } = expectTokens(await stack.login(owner, { totp: authenticator.code() }));
      const renewed = await account(stack, 'POST', '/recovery-codes', token);
      expect(renewed.status).toBe(201);
      ({ codes } = renewed.json as { codes: string[] });
      expect(codes).toHaveLength(10);
    });

    it('ends with each code once, however it is typed', async () => {
      const [first = '', second = ''] = codes;
      const one = await passwordOnly(stack, owner);
      const { access_token: token } = expectTokens(await recover(one.mfa_token, first.toUpperCase()));
      expect(decodeJwt(token)).toMatchObject({ acr: 'urn:latchkey:acr:mfa' });
      const other = await passwordOnly(stack, owner);
      expectOAuthError(await recover(other.mfa_token, first), 400, 'invalid_grant');
      expectTokens(await recover(other.mfa_token, second.replaceAll('-', ' ')));
      const { json } = await account(stack, 'GET', '/factors', token);
      expect(json).toMatchObject({ data: [{ type: 'totp', state: 'active' }], recovery_codes: 8 });
    });

    it('takes a code once among many at the same time', async () => {
      const logins = await Promise.all(Array.from({ length: 4 }, () => passwordOnly(stack, owner)));
      const answers = await Promise.all(logins.map(({ mfa_token: token }) => recover(token, codes[0] ?? '')));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    });

    it('does not take a code of another user, nor one that was replaced', async () => {
      const bobs = await enrol(stack, other);
      const { access_token: token } = expectTokens(await stack.login(other, { totp: bobs.code() }));
      await account(stack, 'POST', '/recovery-codes', token);
      const login = await passwordOnly(stack, other);
      expectOAuthError(await recover(login.mfa_token, codes[0] ?? ''), 400, 'invalid_grant');
      expectTokens(await otp(stack, login.mfa_token, bobs.code(1)));
    });
  });
});

describeEachDatabase('A user who has no second factor where one is required', (dialect) => {
  let stack: Stack;

  beforeEach(async () => {
    stack = await startStack(dialect, { configuration: withAccounts({ second_factor: 'required' }) });
  });

  afterEach(() => stack.stop());

  it('gets no token with the password, and enrols in the login', async () => {
    const required = await passwordOnly(stack, ALICE);
    expect(required.mfa_requirements).toEqual({ enroll: [{ type: 'otp' }] });
    expectOAuthError(await otp(stack, required.mfa_token, '123456'), 400, 'invalid_grant');
    const associate = () =>
      postForm(`${stack.issuer}/oauth/mfa/associate`, { mfa_token: required.mfa_token }, SHOP);
    const associated = await associate();
    expect(associated).toMatchObject({
      status: 200,
      json: {
        authenticator_type: 'otp',
        secret: expect.stringMatching(/^[A-Z2-7]{32}$/),
        barcode_uri: expect.stringMatching(/^otpauth:/),
      },
    });
    const authenticator = new Authenticator((associated.json as { secret: string }).secret);
    expectOAuthError(await otp(stack, required.mfa_token, authenticator.wrongCode()), 400, 'invalid_grant');
    expectTokens(await otp(stack, required.mfa_token, authenticator.code()));
    // The factor is asked for from now on, and no other one can be had with the password alone.
    const next = await passwordOnly(stack, ALICE);
    expect(next.mfa_requirements).toMatchObject({ challenge: [{ type: 'otp' }, { type: 'recovery-code' }] });
    const other = await postForm(`${stack.issuer}/oauth/mfa/associate`, { mfa_token: next.mfa_token }, SHOP);
    expectOAuthError(other, 403, 'access_denied');
    expectOAuthError(await associate(), 400, 'invalid_grant');
    expectTokens(await otp(stack, next.mfa_token, authenticator.code(1)));
  });

  it('is not required before its day', async () => {
    await stack.stop();
    stack = await startStack(dialect, {
      configuration: withAccounts({ second_factor: 'required', second_factor_from: '2999-01-01' }),
    });
    expectTokens(await stack.login(ALICE));
  });
});
