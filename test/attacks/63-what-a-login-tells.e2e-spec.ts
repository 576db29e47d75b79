import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { decodeJwt } from 'jose';
import { RefusalDelay } from '../../apps/authorization-server/src/throttling/refusal-delay.js';
import { aClient, aConfiguration, ALICE, API, aUser, BOB, OTHER, SHOP } from '../support/builders.js';
import { restoreClock, setClock } from '../support/clock.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectSameAnswer, expectTokens } from '../support/expectations.js';
import { FREE_ATTEMPTS, STRICT } from '../support/guessing.js';
import { api, type Answer } from '../support/http.js';
import {
  account,
  Authenticator,
  enrol,
  otp,
  passwordOnly,
  RECOVERY_CODE,
} from '../support/second-factors.js';
import { startStack, type Stack } from '../support/stack.js';
import { storedTexts } from '../support/stored-texts.js';

const LENIENT = { clientId: 'lenient', secret: 'lenient-secret-0123456789abcdefghijkl' };

const { password } = ALICE;

/** The shop asks nobody, the other client everybody, and the third one says nothing. */
function configurationOf(issuer: string) {
  const common = {
    scope: 'account resources:read',
    default_scope: 'account resources:read',
    audience: [issuer, API],
  };
  return aConfiguration({
    clients: [
      aClient({ ...common, second_factor: 'off' }),
      aClient({
        ...common,
        client_id: OTHER.clientId,
        client_secret: OTHER.secret,
        second_factor: 'required',
      }),
      aClient({ ...common, client_id: LENIENT.clientId, client_secret: LENIENT.secret }),
    ],
    users: [
      aUser(),
      aUser(BOB),
      aUser({ username: 'must', second_factor: 'required' }),
      aUser({ username: 'since', second_factor: 'required', second_factor_from: '2020-01-01' }),
      aUser({ username: 'later', second_factor: 'required', second_factor_from: '2999-01-01' }),
      aUser({ username: 'never', second_factor: 'off' }),
    ],
  });
}

describeEachDatabase('Second factors', (dialect) => {
  let stack: Stack;

  beforeEach(async () => {
    stack = await startStack(dialect, {
      environment: { ...STRICT.environment, LOG_LEVEL: 'debug' },
      configuration: configurationOf,
    });
  });

  afterEach(async () => {
    restoreClock();
    await stack.stop();
  });

  const textOf = ({ json }: Answer) => (json as { error_description: string }).error_description;

  it('are asked for by the strictest rule that holds', async () => {
    const statusOf = async (username: string, client: typeof LENIENT) =>
      (await stack.login({ username, password }, {}, client)).status;
    const clients = [SHOP, OTHER, LENIENT] as (typeof LENIENT)[];
    const table: Record<string, number[]> = {};
    for (const username of ['alice', 'must', 'since', 'later', 'never']) {
      table[username] = await Promise.all(clients.map((client) => statusOf(username, client)));
    }
    expect(table).toEqual({
      alice: [200, 403, 200],
      must: [403, 403, 403],
      since: [403, 403, 403],
      later: [200, 403, 200],
      never: [200, 403, 200],
    });
  });

  it('are in no token of the password alone, however it is used later', async () => {
    const login = expectTokens(await stack.login(ALICE, {}, SHOP));
    await enrol(stack, ALICE, LENIENT);
    const refreshed = expectTokens(await stack.refresh(login.refresh_token ?? ''));
    for (const { access_token: token } of [login, refreshed]) {
      expect(decodeJwt(token)).toMatchObject({ amr: ['pwd'], acr: 'urn:latchkey:acr:pwd' });
    }
  });

  it('are not spoken of before the password is right', async () => {
    const authenticator = await enrol(stack, ALICE, LENIENT);
    const totp = { totp: authenticator.code() };
    const guess = (username: string, form = {}) =>
      stack.login({ username, password: 'guess' }, form, LENIENT);
    const unknown = await guess('unknown');
    expectSameAnswer(
      unknown,
      await guess('alice'),
      await guess('alice', totp),
      await guess('bob', totp),
      await guess('must'),
      await guess('unknown', totp),
    );
    // The code was not looked at either: it is still good.
    expectTokens(await stack.login(ALICE, totp, LENIENT));
  });

  it('have one text for codes that are wrong, used, or not judged, and keep all of them as long', async () => {
    const authenticator = await enrol(stack, ALICE, LENIENT);
    const used = authenticator.code();
    expectTokens(await stack.login(ALICE, { totp: used }, LENIENT));
    const waits = jest.spyOn(stack.application.get(RefusalDelay), 'wait');
    const refusals: Answer[] = [];
    const show = async (code: string) => {
      const { mfa_token: token } = await passwordOnly(stack, ALICE, LENIENT);
      waits.mockClear();
      refusals.push(await otp(stack, token, code, LENIENT));
      expect(waits).toHaveBeenCalledTimes(1);
    };
    await show(authenticator.wrongCode());
    await show(used);
    for (let guess = 2; guess <= FREE_ATTEMPTS + 1; guess++) await show('12345');
    // Not judged any more, though it is right.
    await show(authenticator.code(1));
    expectSameAnswer(refusals[0]!, ...refusals.slice(1));
    expectOAuthError(refusals[0]!, 400, 'invalid_grant');
  });

  it('have one text for every handle that is no good', async () => {
    const authenticator = await enrol(stack, ALICE, LENIENT);
    const waiting = (await passwordOnly(stack, ALICE, LENIENT)).mfa_token;
    const spent = (await passwordOnly(stack, ALICE, LENIENT)).mfa_token;
    expectTokens(await otp(stack, spent, authenticator.code(), LENIENT));
    const refusals = [
      await otp(stack, 'lkm_x', '123456', LENIENT),
      await otp(stack, waiting, authenticator.code(1), OTHER),
      await otp(stack, spent, '123456', LENIENT),
      await otp(stack, `${waiting.slice(0, -3)}AAA`, '123456', LENIENT),
    ];
    setClock(stack, 601);
    refusals.push(await otp(stack, waiting, authenticator.code(1), LENIENT));
    expect(new Set(refusals.map(textOf)).size).toBe(1);
    expectSameAnswer(refusals[0]!, ...refusals.slice(1));
  });

  it('are in no log and no table, and are shown once', async () => {
    const { json, text } = await added();
    const { secret, id } = json as { secret: string; id: string };
    expect(text).toContain(secret);
    const authenticator = new Authenticator(secret);
    const token = expectTokens(await stack.login(ALICE, {}, LENIENT)).access_token;
    const confirmed = await authenticator.sendEarlier((code) =>
      account(stack, 'POST', `/factors/${id}/confirm`, token, { code }),
    );
    expect(confirmed.status).toBe(200);
    const login = expectTokens(await stack.login(ALICE, { totp: authenticator.code() }, LENIENT));
    const renewed = await account(stack, 'POST', '/recovery-codes', login.access_token);
    const { codes } = renewed.json as { codes: string[] };
    const { mfa_token: handle } = await passwordOnly(stack, ALICE, LENIENT);
    const used = { grant_type: RECOVERY_CODE, mfa_token: handle, recovery_code: codes[0] ?? '' };
    expectTokens(await stack.token(used, LENIENT));
    const listed = await api('GET', `${stack.issuer}/account/factors`, login.access_token);
    const bytes = Buffer.from(base32(secret));
    const secrets = [secret, bytes.toString('latin1'), handle, ...codes.flatMap(forms)];
    const places = [listed.text, ...stack.log, ...(await storedTexts(stack.database))];
    for (const place of places) for (const each of secrets) expect(place).not.toContain(each);
  });

  const added = async (): Promise<Answer> => {
    const { access_token: token } = expectTokens(await stack.login(ALICE, {}, LENIENT));
    return account(stack, 'POST', '/factors', token, { type: 'totp' });
  };
});

function forms(code: string): string[] {
  return [code, code.replaceAll('-', '')];
}

/** RFC 4648 section 6. */
function base32(text: string): number[] {
  const bits = [...text]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  return (bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2));
}
