import { afterEach, beforeEach, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import { aClient, aConfiguration, ALICE, API, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { FREE_ATTEMPTS, STRICT } from '../support/guessing.js';
import { postForm, type Answer } from '../support/http.js';
import { Authenticator, OTP, passwordOnly, RECOVERY_CODE } from '../support/second-factors.js';
import { Servers } from '../support/servers.js';

const GUESSES = 1000;
const ADDRESSES = 50;
const HOME = '198.51.100.7';

/** What is no code counts as a wrong one: else an attacker would learn which texts are judged. */
const MALFORMED = ['12345', '1234567', 'abcdef', '１２３４５６', '12 456', '-12345', "' OR 1=1", '0x1F40'];

/** The attacker has the password, many addresses, and no code. */
describeEachDatabase('Guesses of codes at the same time never get past the limit', (dialect) => {
  let servers: Servers;
  let authenticator: Authenticator;
  let device: string;

  beforeEach(async () => {
    servers = await Servers.start(dialect, {
      // The rate of the client is another defence.
      environment: { ...STRICT.environment, CLIENT_TOKEN_RATE: '100000' },
      configuration: aConfiguration({
        clients: [aClient({ audience: [API], forwards_end_user_address: true, second_factor: 'required' })],
      }),
    });
    const { mfa_token: token } = await passwordOnly(servers.first, ALICE);
    const { json } = await postForm(
      `${servers.first.issuer}/oauth/mfa/associate`,
      { mfa_token: token },
      SHOP,
    );
    authenticator = new Authenticator((json as { secret: string }).secret);
    const login = await authenticator.sendEarlier((code) =>
      show(0, { grant_type: OTP, mfa_token: token, otp: code }, HOME),
    );
    expectTokens(login);
    device = String(login.headers['latchkey-device']);
  });

  afterEach(() => servers.stop());

  const show = (
    server: number,
    form: Record<string, string>,
    from: string,
    more: Record<string, string> = {},
  ): Promise<Answer> =>
    postForm(`${servers.of(server).issuer}/oauth/token`, form, SHOP, {
      'latchkey-forwarded-for': from,
      ...more,
    });

  const handle = async () => (await passwordOnly(servers.second, ALICE)).mfa_token;

  const judged = async (): Promise<number> => {
    const [row] = await servers.first.database.query<{ count: number | null }>(
      sql`SELECT sum(count) AS count FROM audit_events WHERE kind = 'login' AND detail LIKE ${'%wrong code%'}`,
    );
    return Number(row?.count ?? 0);
  };

  const guesses = (count: number): string[] => {
    const near = new Set([-2, -1, 0, 1, 2].map((step) => authenticator.code(step)));
    const codes = Array.from({ length: count + near.size }, (_, index) => String(index).padStart(6, '0'));
    return codes.filter((code) => !near.has(code)).slice(0, count);
  };

  it('1,000 from 50 addresses; the owner logs in from the known address and the known device', async () => {
    const handles = [await handle(), await handle(), await handle(), await handle()];
    const answers = await Promise.all(
      guesses(GUESSES).map((otp, index) => {
        const form = { grant_type: OTP, mfa_token: handles[index % handles.length] ?? '', otp };
        return show(index, form, `203.0.113.${index % ADDRESSES}`);
      }),
    );
    for (const answer of answers) expectOAuthError(answer, 400, 'invalid_grant');
    expect(await judged()).toBe(FREE_ATTEMPTS);

    // The right code is not judged either, from there.
    const right = { grant_type: OTP, mfa_token: handles[0] ?? '', otp: authenticator.code() };
    expectOAuthError(await show(0, right, '203.0.113.1'), 400, 'invalid_grant');
    expect(await judged()).toBe(FREE_ATTEMPTS);

    expectTokens(await show(0, right, HOME));
    const second = { ...right, mfa_token: handles[1] ?? '', otp: authenticator.code(1) };
    expectTokens(await show(1, second, '192.0.2.1', { 'latchkey-device': device }));
  });

  it('of recovery codes, which count for themselves', async () => {
    const token = await handle();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => {
        const code = `aaaa-aaaa-aaaa-${String(index)
          .padStart(4, '2')
          .replaceAll(/[0189]/g, 'b')}`;
        const form = { grant_type: RECOVERY_CODE, mfa_token: token, recovery_code: code };
        return show(index, form, `203.0.113.${index % ADDRESSES}`);
      }),
    );
    for (const answer of answers) expectOAuthError(answer, 400, 'invalid_grant');
    expect(await judged()).toBe(FREE_ATTEMPTS);
    // And they take nothing from codes of the authenticator.
    expectTokens(
      await show(0, { grant_type: OTP, mfa_token: token, otp: authenticator.code() }, '203.0.113.1'),
    );
  });

  it('of whatever form', async () => {
    const token = await handle();
    for (const otp of MALFORMED.slice(0, FREE_ATTEMPTS)) {
      const answer = await show(0, { grant_type: OTP, mfa_token: token, otp }, '203.0.113.1');
      expectOAuthError(answer, 400, 'invalid_grant');
    }
    expect(await judged()).toBe(FREE_ATTEMPTS);
    for (const otp of [...MALFORMED.slice(FREE_ATTEMPTS), authenticator.code()]) {
      const answer = await show(1, { grant_type: OTP, mfa_token: token, otp }, '203.0.113.1');
      expectOAuthError(answer, 400, 'invalid_grant');
    }
    expect(await judged()).toBe(FREE_ATTEMPTS);
  });

  it('with the code beside the password', async () => {
    const form = { grant_type: 'password', ...ALICE };
    const answers = await Promise.all(
      guesses(60).map((totp, index) => show(index, { ...form, totp }, `203.0.113.${index % ADDRESSES}`)),
    );
    for (const answer of answers) expectOAuthError(answer, 400, 'invalid_grant');
    expect(await judged()).toBe(FREE_ATTEMPTS);
  });

  it('without handles that are none taking a place from those that are', async () => {
    const token = await handle();
    const foreign = `${token.slice(0, -4)}AAAA`;
    for (let index = 0; index < 4 * FREE_ATTEMPTS; index++) {
      const form = { grant_type: OTP, mfa_token: foreign, otp: authenticator.wrongCode() };
      expectOAuthError(await show(index, form, '203.0.113.1'), 400, 'invalid_grant');
    }
    expect(await judged()).toBe(0);
    expectTokens(
      await show(0, { grant_type: OTP, mfa_token: token, otp: authenticator.code() }, '203.0.113.1'),
    );
  });
});
