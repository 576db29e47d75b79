import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { newUserLike, type Owner } from '../support/administration.js';
import { ALICE, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { postForm, send } from '../support/http.js';
import { Authenticator, enrol, otp, type MfaRequired } from '../support/second-factors.js';
import { withAccounts } from '../support/second-factors.js';
import { startStack, type Stack } from '../support/stack.js';

const PASSWORD = 'urn:latchkey:acr:pwd';
const MFA = 'urn:latchkey:acr:mfa';

/** RFC 9470: a client asks for a login with a second factor, whatever the rules say. */
describeEachDatabase('A login by acr_values', (dialect) => {
  let stack: Stack;
  let owner: Owner;

  beforeAll(async () => {
    stack = await startStack(dialect, { configuration: withAccounts({ second_factor: 'off' }) });
  });

  beforeEach(async () => {
    owner = await newUserLike(stack, ALICE);
  });

  afterAll(() => stack.stop());

  const login = (acr: string, more: Record<string, string> = {}) =>
    stack.login(owner, { acr_values: acr, ...more });

  const acrOf = (answer: Parameters<typeof expectTokens>[0]) =>
    decodeJwt(expectTokens(answer).access_token).acr;

  const waiting = async (acr: string): Promise<MfaRequired> => {
    const answer = await login(acr);
    expectOAuthError(answer, 403, 'mfa_required');
    return answer.json as MfaRequired;
  };

  it.each([MFA, `${MFA} ${PASSWORD}`, `urn:other ${MFA}`])(
    'of %j asks who has a second factor for it',
    async (acr) => {
      const authenticator = await enrol(stack, owner);
      // No rule asks for it.
      expect(acrOf(await stack.login(owner))).toBe(PASSWORD);
      const { mfa_token: token, mfa_requirements: wanted } = await waiting(acr);
      expect(wanted.challenge).toContainEqual({ type: 'otp' });
      expect(acrOf(await otp(stack, token, authenticator.code()))).toBe(MFA);
      expect(acrOf(await login(acr, { totp: authenticator.code(1) }))).toBe(MFA);
    },
  );

  it('lets who has none enrol, and gives no token before', async () => {
    const { mfa_token: token, mfa_requirements: wanted } = await waiting(MFA);
    expect(wanted).toEqual({ enroll: [{ type: 'otp' }] });
    const { json } = await postForm(`${stack.issuer}/oauth/mfa/associate`, { mfa_token: token }, SHOP);
    const authenticator = new Authenticator((json as { secret: string }).secret);
    expectOAuthError(await otp(stack, token, authenticator.wrongCode()), 400, 'invalid_grant');
    expect(acrOf(await otp(stack, token, authenticator.code()))).toBe(MFA);
  });

  it.each([PASSWORD, `${PASSWORD} ${MFA}`, '', ' '])('of %j is as the rules say', async (acr) => {
    expect(acrOf(await login(acr))).toBe(PASSWORD);
  });

  it.each(['urn:other', `${MFA}x`, MFA.toUpperCase(), 'phr phrh', '1'])(
    'of %j alone is refused before the password is looked at',
    async (acr) => {
      expectOAuthError(await login(acr), 400, 'unmet_authentication_requirements');
      const wrong = await stack.login({ ...owner, password: 'wrong' }, { acr_values: acr });
      expectOAuthError(wrong, 400, 'unmet_authentication_requirements');
    },
  );

  it('never asks for less than the rules do', async () => {
    const strict = await startStack(dialect, { configuration: withAccounts({ second_factor: 'required' }) });
    try {
      expectOAuthError(await strict.login(ALICE, { acr_values: PASSWORD }), 403, 'mfa_required');
    } finally {
      await strict.stop();
    }
  });

  it('says what there is in the metadata', async () => {
    const { json } = await send(`${stack.issuer}/.well-known/oauth-authorization-server`, { method: 'GET' });
    expect(json).toMatchObject({ acr_values_supported: [PASSWORD, MFA] });
  });
});
