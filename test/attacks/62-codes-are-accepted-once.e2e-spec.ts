import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { restoreClock, setClock } from '../support/clock.js';
import { aClient, aConfiguration, ALICE, API } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import type { Answer } from '../support/http.js';
import {
  account,
  enrol,
  otp,
  passwordOnly,
  RECOVERY_CODE,
  type Authenticator,
} from '../support/second-factors.js';
import { Servers } from '../support/servers.js';

const CONFIGURATION = aConfiguration({
  clients: [
    aClient({
      scope: 'account resources:read',
      default_scope: 'account resources:read',
      audience: ['https://login.example.com', API],
    }),
  ],
});

describeEachDatabase('A code is accepted once', (dialect) => {
  let servers: Servers;
  let authenticator: Authenticator;

  beforeEach(async () => {
    servers = await Servers.start(dialect, { configuration: CONFIGURATION });
    authenticator = await enrol(servers.first, ALICE);
  });

  afterEach(async () => {
    setClocks(0);
    restoreClock();
    await servers.stop();
  });

  const setClocks = (seconds: number): void => servers.all.forEach((stack) => setClock(stack, seconds));

  const handle = async (server: number) => (await passwordOnly(servers.of(server), ALICE)).mfa_token;

  const recover = (server: number, token: string, code: string): Promise<Answer> =>
    servers.of(server).token({ grant_type: RECOVERY_CODE, mfa_token: token, recovery_code: code });

  const recoveryCodes = async (): Promise<string[]> => {
    const answer = await servers.first.login(ALICE, { totp: authenticator.code() });
    const { access_token: token } = expectTokens(answer);
    const { json } = await account(servers.first, 'POST', '/recovery-codes', token);
    return (json as { codes: string[] }).codes;
  };

  const accepted = (answers: readonly Answer[]): number => {
    for (const answer of answers) if (answer.status !== 200) expectOAuthError(answer, 400, 'invalid_grant');
    return answers.filter(({ status }) => status === 200).length;
  };

  it('at the same time on two servers, by two logins, and by the password that carries it', async () => {
    const code = authenticator.code();
    const handles = [await handle(0), await handle(1), await handle(0), await handle(1)];
    const answers = await Promise.all([
      ...handles.map((token, index) => otp(servers.of(index), token, code)),
      ...[0, 1].map((server) => servers.of(server).login(ALICE, { totp: code })),
    ]);
    expect(accepted(answers)).toBe(1);
  });

  it('across a restart', async () => {
    const code = authenticator.code();
    expectTokens(await otp(servers.first, await handle(0), code));
    await servers.restart();
    expectOAuthError(await otp(servers.second, await handle(1), code), 400, 'invalid_grant');
    expectTokens(await otp(servers.second, await handle(1), authenticator.code(1)));
  });

  it('whatever the clock does in between', async () => {
    const early = authenticator.code();
    expectTokens(await otp(servers.first, await handle(0), early));
    setClocks(90);
    const late = authenticator.code();
    expectTokens(await otp(servers.first, await handle(0), late));
    for (const seconds of [0, 90, 0, 3600, 90, -30, 0]) {
      setClocks(seconds);
      for (const code of [early, late]) {
        expectOAuthError(await otp(servers.second, await handle(1), code), 400, 'invalid_grant');
      }
    }
    // The owner is let in with the first code that was never shown.
    expectTokens(await otp(servers.second, await handle(1), authenticator.code(1)));
  });

  it('and its answer is not given again after the clock was set back, nor for another code', async () => {
    const [token, code] = [await handle(0), authenticator.code()];
    expectTokens(await otp(servers.first, token, code));
    for (const seconds of [-3600, -60, 60]) {
      setClocks(seconds);
      expectOAuthError(await otp(servers.second, token, code), 400, 'invalid_grant');
    }
    setClocks(0);
    expectOAuthError(await otp(servers.second, token, authenticator.code(1)), 400, 'invalid_grant');
  });

  it('and its answer is not given again once the login was refreshed', async () => {
    const [token, code] = [await handle(0), authenticator.code()];
    const { refresh_token: refreshToken = '' } = expectTokens(await otp(servers.first, token, code));
    expectTokens(await servers.second.refresh(refreshToken));
    expectOAuthError(await otp(servers.second, token, code), 400, 'invalid_grant');
  });

  it('a recovery code too: at the same time by several logins on two servers, and as it is typed', async () => {
    const [first = '', second = '', third = ''] = await recoveryCodes();
    const handles = [await handle(0), await handle(1), await handle(0), await handle(1)];
    const forms = [first, first.toUpperCase(), first.replaceAll('-', ' '), first.replaceAll('-', '')];
    const race = await Promise.all(handles.map((token, index) => recover(index, token, forms[index] ?? '')));
    expect(accepted(race)).toBe(1);
    // One login takes one code, though two are sent at the same time.
    const token = await handle(0);
    const both = await Promise.all([recover(0, token, second), recover(1, token, third)]);
    expect(accepted(both)).toBe(1);
    const rest = await Promise.all([recover(0, await handle(0), second), recover(1, await handle(1), third)]);
    expect(accepted(rest)).toBe(1);
  });
});
