import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import { decodeJwt } from 'jose';
import { newUserLike, type Owner } from '../support/administration.js';
import { ALICE, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { postForm } from '../support/http.js';
import {
  accountToken,
  addPasskey,
  beginPasskey,
  challengePasskey,
  enrolPasskey,
  ForgingAuthenticator,
  showPasskey,
  WITH_PASSKEYS,
  withPasskeys,
} from '../support/passkeys.js';
import {
  enrol,
  otp,
  RECOVERY_CODE,
  type Authenticator,
  type MfaRequired,
} from '../support/second-factors.js';
import { startStack, type Stack } from '../support/stack.js';

const PASSWORD = 'urn:latchkey:acr:pwd';
const MFA = 'urn:latchkey:acr:mfa';
const PHR = 'urn:latchkey:acr:phr';
const UNMET = 'unmet_authentication_requirements';

/** RFC 9470: an API asks for a login that nobody can be tricked out of. */
describeEachDatabase('A login that has to be phishing-resistant', (dialect) => {
  let stack: Stack;
  let owner: Owner;
  let passkey: ForgingAuthenticator;

  beforeAll(async () => {
    stack = await startStack(dialect, { environment: WITH_PASSKEYS, configuration: withPasskeys() });
  });

  beforeEach(async () => {
    owner = await newUserLike(stack, ALICE);
    passkey = new ForgingAuthenticator();
  });

  afterAll(() => stack.stop());

  const login = (acr: string, more: Record<string, string> = {}) =>
    stack.login(owner, { acr_values: acr, ...more });

  const waiting = async (acr: string, more: Record<string, string> = {}): Promise<MfaRequired> => {
    const answer = await login(acr, more);
    expectOAuthError(answer, 403, 'mfa_required');
    return answer.json as MfaRequired;
  };

  const acrOf = (answer: Parameters<typeof expectTokens>[0]) =>
    decodeJwt(expectTokens(answer).access_token).acr;

  /** An authenticator application, and a passkey beside it. */
  const enrolBoth = async (): Promise<Authenticator> => {
    const authenticator = await enrol(stack, owner);
    const token = await accountToken(stack, owner, { totp: authenticator.code() });
    const added = await addPasskey(stack, token, passkey.create(await beginPasskey(stack, token), {}));
    expect(added.status).toBe(201);
    return authenticator;
  };

  it('lists passkeys alone, and ends with one', async () => {
    await enrolBoth();
    const { mfa_token: token, mfa_requirements: wanted } = await waiting(PHR);
    expect(wanted).toEqual({ challenge: [{ type: 'passkey' }] });
    const answer = await showPasskey(stack, token, passkey.get(await challengePasskey(stack, token)));
    expect(acrOf(answer)).toBe(PHR);
  });

  it('takes no code: not beside the password, not afterwards, not from a new application', async () => {
    const authenticator = await enrolBoth();
    const { mfa_token: token } = await waiting(PHR, { totp: authenticator.code(1) });
    expectOAuthError(await otp(stack, token, authenticator.code(1)), 400, UNMET);
    const recovery = { grant_type: RECOVERY_CODE, mfa_token: token, recovery_code: 'abcd-efgh-ijkl-mn23' };
    expectOAuthError(await stack.token(recovery, SHOP), 400, UNMET);
    const challenge = { mfa_token: token, challenge_type: 'otp oob' };
    const none = await postForm(`${stack.issuer}/oauth/mfa/challenge`, challenge, SHOP);
    expectOAuthError(none, 400, 'invalid_request');
    const { sub } = decodeJwt(await accountToken(stack, owner, { totp: authenticator.code(1) }));
    // Not even where nothing is left: what the client asked for stands.
    await stack.database.execute(sql`DELETE FROM passkeys RETURNING id`);
    await stack.database.execute(sql`DELETE FROM second_factors RETURNING id`);
    await stack.database.execute(
      sql`UPDATE users SET has_second_factor = FALSE WHERE sub = ${sub} RETURNING sub`,
    );
    const enrolled = await postForm(`${stack.issuer}/oauth/mfa/associate`, { mfa_token: token }, SHOP);
    expectOAuthError(enrolled, 400, UNMET);
    const challenged = await postForm(`${stack.issuer}/oauth/mfa/challenge`, challenge, SHOP);
    expectOAuthError(challenged, 400, 'invalid_request');
  });

  it.each([
    ['an authenticator application', true],
    ['nothing', false],
  ])('is refused to who has %s, after the right password, with a reason in the log', async (_, hasTotp) => {
    if (hasTotp) await enrol(stack, owner);
    expectOAuthError(
      await stack.login({ ...owner, password: 'wrong' }, { acr_values: PHR }),
      400,
      'invalid_grant',
    );
    expectOAuthError(await login(PHR), 400, UNMET);
    expect(stack.log.some((line) => line.includes('the user has no passkey'))).toBe(true);
  });

  it('is one of several that the client may name: the first that the user can satisfy', async () => {
    expect((await waiting(`${PHR} ${MFA}`)).mfa_requirements).toEqual({ enroll: [{ type: 'otp' }] });
    expect(acrOf(await login(`${PHR} ${PASSWORD}`))).toBe(PASSWORD);
    await enrolPasskey(stack, owner, (options) => passkey.create(options, {}));
    for (const acr of [`${PHR} ${MFA}`, `${PHR} ${PASSWORD}`, `urn:other ${PHR}`]) {
      expect((await waiting(acr)).mfa_requirements).toEqual({ challenge: [{ type: 'passkey' }] });
    }
    const { mfa_requirements: any } = await waiting(`${MFA} ${PHR}`);
    expect(any).toEqual({ challenge: [{ type: 'passkey' }, { type: 'recovery-code' }] });
  });
});
