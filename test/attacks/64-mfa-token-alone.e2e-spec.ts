import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { administerClient, administerUser } from '../support/administration.js';
import { aClient, aConfiguration, ALICE, aUser, BOB, OTHER, SHOP } from '../support/builders.js';
import { restoreClock, setClock } from '../support/clock.js';
import { describeEachDatabase } from '../support/databases.js';
import {
  expectBearerChallenge,
  expectOAuthError,
  expectSameAnswer,
  expectTokens,
} from '../support/expectations.js';
import { api, basic, send, type Answer } from '../support/http.js';
import { Authenticator, otp, passwordOnly, RECOVERY_CODE } from '../support/second-factors.js';
import { startStack, type Stack } from '../support/stack.js';

const CONFIGURATION = aConfiguration({
  clients: [
    aClient({ second_factor: 'required' }),
    aClient({ client_id: OTHER.clientId, client_secret: OTHER.secret, second_factor: 'required' }),
  ],
  users: [aUser(), aUser(BOB)],
});

describeEachDatabase('An mfa_token at the paths of Auth0', (dialect) => {
  let stack: Stack;
  let token: string;

  beforeEach(async () => {
    stack = await startStack(dialect, { configuration: CONFIGURATION });
    token = (await passwordOnly(stack, ALICE)).mfa_token;
  });

  afterEach(async () => {
    setClock(stack, 0);
    restoreClock();
    await stack.stop();
  });

  const list = (bearer: string): Promise<Answer> => api('GET', `${stack.issuer}/mfa/authenticators`, bearer);

  const associate = (bearer: string, body: object = {}): Promise<Answer> =>
    api('POST', `${stack.issuer}/mfa/associate`, bearer, { authenticator_types: ['otp'], ...body });

  const challenge = (body: object): Promise<Answer> =>
    api('POST', `${stack.issuer}/mfa/challenge`, null, { mfa_token: token, challenge_type: 'otp', ...body });

  const enrolled = async (): Promise<Authenticator> => {
    const { secret } = (await associate(token)).json as { secret: string };
    const authenticator = new Authenticator(secret);
    expectTokens(await authenticator.sendEarlier((code) => otp(stack, token, code)));
    return authenticator;
  };

  it('has one answer as a bearer token that is unknown, altered, spent, expired, or whose login is over', async () => {
    const foreign = (await passwordOnly(stack, BOB, OTHER)).mfa_token;
    const ended = (await passwordOnly(stack, BOB)).mfa_token;
    const late = (await passwordOnly(stack, ALICE)).mfa_token;
    await enrolled();
    await administerClient(stack, OTHER.clientId).disable();
    await administerUser(stack, BOB.username).disable();
    const bearers = [token, foreign, ended, `${late.slice(0, -3)}AAA`, 'x', `lkm_${'A'.repeat(82)}`];
    const answers: Answer[] = [];
    for (const bearer of bearers) answers.push(await list(bearer), await associate(bearer));
    expect((await list(late)).status).toBe(200);
    setClock(stack, 10 * 60 + 1);
    answers.push(await list(late), await associate(late));
    for (const answer of answers) expectBearerChallenge(answer, 401, 'invalid_token');
    expectSameAnswer(answers[0]!, ...answers.slice(1));
  });

  it('is refused beside the credentials or the name of another client, or beside wrong ones', async () => {
    const others = { client_id: OTHER.clientId, client_secret: OTHER.secret };
    expectBearerChallenge(await associate(token, others), 401, 'invalid_token');
    expectBearerChallenge(await associate(token, { client_id: OTHER.clientId }), 401, 'invalid_token');
    expectOAuthError(await challenge(others), 400, 'invalid_grant');
    expectOAuthError(await challenge({ client_id: OTHER.clientId }), 400, 'invalid_grant');
    const wrong = { client_id: SHOP.clientId, client_secret: 'wrong' };
    expectOAuthError(await associate(token, wrong), 401, 'invalid_client');
    expectOAuthError(await challenge(wrong), 401, 'invalid_client');
    // Nothing of it has enrolled anything.
    expect((await list(token)).json).toEqual([]);
  });

  it('is one: neither two headers nor a header and a body with different ones', async () => {
    const other = (await passwordOnly(stack, BOB)).mfa_token;
    expectOAuthError(await associate(token, { mfa_token: other }), 400, 'invalid_request');
    const url = `${stack.issuer}/mfa/authenticators`;
    const two = ['authorization', `Bearer ${token}`, 'authorization', basic(SHOP)];
    expectOAuthError(await send(url, { headers: two }), 400, 'invalid_request');
  });

  it('alone gives no token and no challenge that takes the place of the one of its client', async () => {
    const authenticator = await enrolled();
    token = (await passwordOnly(stack, ALICE)).mfa_token;
    for (const type of ['passkey', 'oob', 'otp oob', null]) {
      expectOAuthError(await challenge({ challenge_type: type }), 401, 'invalid_client');
    }
    expect((await challenge({})).json).toEqual({ challenge_type: 'otp' });
    const grant = { grant_type: 'http://auth0.com/oauth/grant-type/mfa-otp', mfa_token: token };
    const form = new URLSearchParams({ ...grant, otp: authenticator.code() }).toString();
    const stolen = await send(`${stack.issuer}/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: `Bearer ${token}` },
      body: form,
    });
    expectOAuthError(stolen, 401, 'invalid_client');
    expectTokens(await otp(stack, token, authenticator.code()));
  });

  it('shows recovery codes that are good for nothing before the first code, nor with another secret', async () => {
    const recover = (code: string) =>
      stack.token({ grant_type: RECOVERY_CODE, mfa_token: token, recovery_code: code });
    const { recovery_codes: early } = (await associate(token)).json as { recovery_codes: [string, string] };
    expectOAuthError(await recover(early[0]), 400, 'invalid_grant');
    await enrolled();
    token = (await passwordOnly(stack, ALICE)).mfa_token;
    expectOAuthError(await recover(early[1]), 400, 'invalid_grant');
  });

  it('does in place of the client nowhere else', async () => {
    const url = `${stack.issuer}/oauth/mfa/associate`;
    const form = {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `mfa_token=${token}&client_id=${SHOP.clientId}`,
    } as const;
    expectOAuthError(await send(url, form), 401, 'invalid_client');
    const headers = { ...form.headers, authorization: `Bearer ${token}` };
    expectOAuthError(await send(url, { ...form, headers }), 401, 'invalid_client');
    const json = { ...form, headers: { 'content-type': 'application/json', authorization: basic(SHOP) } };
    expectOAuthError(
      await send(url, { ...json, body: JSON.stringify({ mfa_token: token }) }),
      400,
      'invalid_request',
    );
  });

  it.each([
    '{',
    '{}',
    '[]',
    '{"mfa_token":{"a":1}}',
    '{"mfa_token":7}',
    '{"__proto__":{"mfa_token":"x"}}',
    'null',
  ])('is not read from %s', async (body) => {
    for (const type of ['application/json', 'application/x-www-form-urlencoded']) {
      const answer = await send(`${stack.issuer}/mfa/challenge`, {
        method: 'POST',
        headers: { 'content-type': type },
        body,
      });
      expect([400, 401]).toContain(answer.status);
    }
  });
});
