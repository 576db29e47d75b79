import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import sql from 'sql-template-tag';
import { ALICE, aUser, BOB, OTHER, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectBearerChallenge, expectOAuthError, expectTokens } from '../support/expectations.js';
import { FREE_ATTEMPTS, STRICT } from '../support/guessing.js';
import { postForm, type Answer } from '../support/http.js';
import {
  account,
  Authenticator,
  enrol,
  otp,
  OTP,
  passwordOnly,
  RECOVERY_CODE,
  withAccounts,
} from '../support/second-factors.js';
import { startStack, type Stack } from '../support/stack.js';

const GUESSES = 100;
const ADDRESSES = 20;

/** The attacker has the password, and not the second factor. */
describeEachDatabase('A second factor holds', (dialect) => {
  let stack: Stack;
  let authenticator: Authenticator;

  beforeEach(async () => {
    stack = await startStack(dialect, {
      environment: STRICT.environment,
      configuration: (issuer) => ({
        ...withAccounts({
          scope: 'account resources:read resources:write',
          forwards_end_user_address: true,
          second_factor: 'required',
        })(issuer),
        users: [aUser({ allowed_scope: 'account resources:read' }), aUser(BOB)],
      }),
    });
    const { mfa_token: token } = await passwordOnly(stack, ALICE);
    authenticator = await enrolWithin(token);
  });

  afterEach(() => stack.stop());

  const enrolWithin = async (token: string): Promise<Authenticator> => {
    const { json } = await postForm(`${stack.issuer}/oauth/mfa/associate`, { mfa_token: token }, SHOP);
    const made = new Authenticator((json as { secret: string }).secret);
    expectTokens(await made.sendEarlier((code) => otp(stack, token, code)));
    return made;
  };

  const from = (address: string, device?: string) => ({
    'latchkey-forwarded-for': address,
    ...(device !== undefined && { 'latchkey-device': device }),
  });

  const judged = async (): Promise<number> => {
    const [row] = await stack.database.query<{ count: number | null }>(
      sql`SELECT sum(count) AS count FROM audit_events WHERE kind = 'login' AND detail LIKE ${'%wrong code%'}`,
    );
    return Number(row?.count ?? 0);
  };

  it('against codes that are guessed at once, from many addresses, with many handles', async () => {
    const home = await passwordOnly(stack, ALICE);
    const known = await otp(stack, home.mfa_token, authenticator.code(), SHOP, from('198.51.100.7'));
    expectTokens(known);
    const device = String(known.headers['latchkey-device']);
    const handles: string[] = [];
    for (let index = 0; index < 4; index++) handles.push((await passwordOnly(stack, ALICE)).mfa_token);
    const wrong = authenticator.wrongCode();
    const guesses = await Promise.all(
      Array.from({ length: GUESSES }, (_, index) =>
        otp(stack, handles[index % 4] ?? '', wrong, SHOP, from(`203.0.113.${index % ADDRESSES}`)),
      ),
    );
    for (const answer of guesses) expectOAuthError(answer, 400, 'invalid_grant');
    expect(await judged()).toBeLessThanOrEqual(FREE_ATTEMPTS);
    // Not even the right one, from there.
    const right = await otp(stack, handles[0] ?? '', authenticator.code(1), SHOP, from('203.0.113.1'));
    expectOAuthError(right, 400, 'invalid_grant');
    // And the owner is let in from where he is known.
    expectTokens(await otp(stack, handles[1] ?? '', authenticator.code(1), SHOP, from('192.0.2.1', device)));
  });

  it('where the password makes no address known', async () => {
    const wrong = authenticator.wrongCode();
    for (let index = 0; index < 4 * FREE_ATTEMPTS; index++) {
      const address = from(`203.0.113.${index}`);
      const login = await postForm(
        `${stack.issuer}/oauth/token`,
        { grant_type: 'password', ...ALICE },
        SHOP,
        address,
      );
      expectOAuthError(login, 403, 'mfa_required');
      const { mfa_token: token } = login.json as { mfa_token: string };
      await otp(stack, token, wrong, SHOP, address);
    }
    expect(await judged()).toBeLessThanOrEqual(FREE_ATTEMPTS + 1);
  });

  it.each([
    ['acr_values that the user cannot satisfy', { acr_values: 'urn:latchkey:acr:phr' }],
    ['a scope that the user may not have', { scope: 'resources:write' }],
  ])('where the password makes no address known, with %s', async (_, more) => {
    const attacker = from('203.0.113.99');
    const password = (form: Record<string, string>, headers: Record<string, string>) =>
      postForm(`${stack.issuer}/oauth/token`, { grant_type: 'password', ...ALICE, ...form }, SHOP, headers);
    expect((await password(more, attacker)).status).toBe(400);
    for (let index = 0; index < FREE_ATTEMPTS; index++) {
      await password({ password: 'guess' }, from(`203.0.113.${index}`));
    }
    expectOAuthError(await password({}, attacker), 400, 'invalid_grant');
  });

  it('when a code is seen and used once more, at the same time or later', async () => {
    const handles = await Promise.all(Array.from({ length: 4 }, () => passwordOnly(stack, ALICE)));
    const code = authenticator.code();
    const answers = await Promise.all(handles.map(({ mfa_token: token }) => otp(stack, token, code)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const { mfa_token: token } = await passwordOnly(stack, ALICE);
    expectOAuthError(await otp(stack, token, code), 400, 'invalid_grant');
  });

  it('when a step is left out, or the parameter is', async () => {
    const { mfa_token: token } = await passwordOnly(stack, ALICE);
    const post = (form: Record<string, string>): Promise<Answer> => stack.token(form);
    const forms: Record<string, string>[] = [
      { grant_type: OTP, mfa_token: token },
      { grant_type: OTP, mfa_token: token, otp: '' },
      { grant_type: RECOVERY_CODE, mfa_token: token },
      { grant_type: RECOVERY_CODE, mfa_token: token, otp: authenticator.code() },
      { grant_type: OTP, otp: authenticator.code() },
      { grant_type: 'refresh_token', refresh_token: token },
      { grant_type: 'password', ...ALICE, totp: '' },
    ];
    for (const form of forms) expect((await post(form)).status).toBeGreaterThanOrEqual(400);
    expect((await stack.introspect(token)).text).toBe('{"active":false}');
  });

  it('when the code or the handle is that of another user or client', async () => {
    const bobs = await enrolWithin((await passwordOnly(stack, BOB)).mfa_token);
    const { mfa_token: token } = await passwordOnly(stack, ALICE);
    expectOAuthError(await otp(stack, token, bobs.code()), 400, 'invalid_grant');
    expectOAuthError(await otp(stack, token, authenticator.code(), OTHER), 400, 'invalid_grant');
    const { access_token: mine } = expectTokens(await otp(stack, token, authenticator.code()));
    expect(decodeJwt(mine)).toMatchObject({ acr: 'urn:latchkey:acr:mfa' });
  });

  it('against a stolen token of another login: it neither adds nor removes a factor', async () => {
    await stack.stop();
    stack = await startStack(dialect, { configuration: withAccounts({ second_factor: 'off' }) });
    const stolen = expectTokens(await stack.login(ALICE, { scope: 'account' })).access_token;
    await enrol(stack, ALICE);
    const { json } = await account(stack, 'GET', '/factors', stolen);
    const { id } = (json as { data: { id: string }[] }).data[0] ?? { id: '' };
    for (const answer of [
      await account(stack, 'DELETE', `/factors/${id}`, stolen),
      await account(stack, 'POST', '/factors', stolen, { type: 'totp' }),
      await account(stack, 'POST', '/recovery-codes', stolen),
    ])
      expectBearerChallenge(answer, 401, 'insufficient_user_authentication');
  });
});
