import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Caches } from '../../apps/authorization-server/src/changes/caches.js';
import { administerClient, administerUser } from '../support/administration.js';
import { aClient, aConfiguration, ALICE, API, aUser, BOB, OTHER, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectBearerChallenge, expectOAuthError, expectTokens } from '../support/expectations.js';
import { postForm, type Answer, type Credentials } from '../support/http.js';
import { account, Authenticator, enrol, otp, passwordOnly } from '../support/second-factors.js';
import { Servers } from '../support/servers.js';
import type { Stack } from '../support/stack.js';

const ISSUER = 'https://login.example.com';

const COMMON = {
  scope: 'account resources:read',
  default_scope: 'account resources:read',
  audience: [ISSUER, API],
};

/** The shop requires a second factor; the other client asks who has one. */
const CONFIGURATION = aConfiguration({
  clients: [
    aClient({ ...COMMON, second_factor: 'required' }),
    aClient({ ...COMMON, client_id: OTHER.clientId, client_secret: OTHER.secret }),
  ],
  users: [aUser(), aUser(BOB)],
});

function associate({ issuer }: Stack, token: string, client: Credentials = SHOP): Promise<Answer> {
  return postForm(`${issuer}/oauth/mfa/associate`, { mfa_token: token }, client);
}

async function enrolWithin(stack: Stack, token: string): Promise<Authenticator> {
  const { json } = await associate(stack, token);
  const authenticator = new Authenticator((json as { secret: string }).secret);
  expectTokens(await authenticator.sendEarlier((code) => otp(stack, token, code)));
  return authenticator;
}

describeEachDatabase('A login that waits for a second factor', (dialect) => {
  let servers: Servers;
  let authenticator: Authenticator;
  let waiting: string;

  beforeEach(async () => {
    servers = await Servers.start(dialect, { configuration: CONFIGURATION });
    authenticator = await enrolWithin(servers.first, (await passwordOnly(servers.first, ALICE)).mfa_token);
    waiting = (await passwordOnly(servers.first, ALICE)).mfa_token;
  });

  afterEach(() => servers.stop());

  const expectOver = async (): Promise<void> => {
    expectOAuthError(await otp(servers.second, waiting, authenticator.code()), 400, 'invalid_grant');
    expectOAuthError(await associate(servers.second, waiting), 400, 'invalid_grant');
  };

  it('is over with the password that began it', async () => {
    const user = administerUser(servers.first, ALICE.username);
    await user.changePassword('another long password');
    await expectOver();
    await user.changePassword(ALICE.password);
    await expectOver();
  });

  it('is over when the user is disabled, and stays so', async () => {
    const user = administerUser(servers.first, ALICE.username);
    await user.disable();
    await expectOver();
    await user.enable();
    await expectOver();
  });

  it('takes no code of a factor that its owner has removed', async () => {
    const { mfa_token: owners } = await passwordOnly(servers.first, ALICE);
    const { access_token: token } = expectTokens(await otp(servers.first, owners, authenticator.code()));
    const { json } = await account(servers.first, 'GET', '/factors', token);
    const { id } = (json as { data: { id: string }[] }).data[0] ?? { id: '' };
    expect((await account(servers.first, 'DELETE', `/factors/${id}`, token)).status).toBe(204);
    expectOAuthError(await otp(servers.second, waiting, authenticator.code(1)), 400, 'invalid_grant');
  });

  it('is over when the client is disabled, and stays so', async () => {
    const client = administerClient(servers.first, SHOP.clientId);
    await client.disable();
    await client.enable();
    await expectOver();
  });

  it('is over when the client may use passwords no longer', async () => {
    const client = administerClient(servers.first, SHOP.clientId);
    await client.update(() => ({ passwordGrantUntil: '2020-01-01' }));
    const answer = await otp(servers.first, waiting, authenticator.code());
    expectOAuthError(answer, 400, 'unauthorized_client');
  });

  it('gives no more scope than client and user have by then', async () => {
    await administerClient(servers.first, SHOP.clientId).update(() => ({ audience: ['https://b.example'] }));
    expectOAuthError(await otp(servers.first, waiting, authenticator.code()), 400, 'invalid_grant');
  });

  it('is of one client and one user, at every step', async () => {
    const bobs = (await passwordOnly(servers.first, BOB)).mfa_token;
    expectOAuthError(await otp(servers.first, bobs, authenticator.code()), 400, 'invalid_grant');
    expectOAuthError(await associate(servers.second, bobs, OTHER), 400, 'invalid_grant');
    const challenge = { mfa_token: waiting, challenge_type: 'otp' };
    expectOAuthError(
      await postForm(`${servers.first.issuer}/oauth/mfa/challenge`, challenge, OTHER),
      400,
      'invalid_grant',
    );
    expectTokens(await otp(servers.second, waiting, authenticator.code()));
  });

  it('takes no second factor beside the one there is, and no code of one that waits', async () => {
    expectOAuthError(await associate(servers.first, waiting), 403, 'access_denied');
    const { access_token: token } = expectTokens(await otp(servers.first, waiting, authenticator.code()));
    const { json } = await account(servers.first, 'POST', '/factors', token, { type: 'totp' });
    const pending = new Authenticator((json as { secret: string }).secret);
    const next = (await passwordOnly(servers.second, ALICE)).mfa_token;
    expectOAuthError(await otp(servers.second, next, pending.code()), 400, 'invalid_grant');
    expectTokens(await otp(servers.second, next, authenticator.code(1)));
  });
});

/** The owner enrols at one server; the attacker, who has the password, is at the other one, which does not know yet. */
describe('A server that has not heard of an enrolment', () => {
  let servers: Servers;

  beforeEach(async () => {
    servers = await Servers.start('postgres', { configuration: CONFIGURATION });
  });

  afterEach(() => servers.stop());

  const fallBehind = (): void => {
    for (const cache of servers.second.application.get(Caches).all) cache.invalidate = () => undefined;
  };

  it('gives the password no second factor, and takes the code of the owner', async () => {
    const { mfa_token: attackers } = await passwordOnly(servers.second, ALICE);
    const { mfa_token: owners } = await passwordOnly(servers.second, ALICE);
    const { json } = await associate(servers.second, attackers);
    const early = new Authenticator((json as { secret: string }).secret);
    fallBehind();
    const authenticator = await enrolWithin(
      servers.first,
      (await passwordOnly(servers.first, ALICE)).mfa_token,
    );
    expectOAuthError(await otp(servers.second, attackers, early.code()), 400, 'invalid_grant');
    expectOAuthError(await associate(servers.second, attackers), 403, 'access_denied');
    expectTokens(await otp(servers.second, owners, authenticator.code()));
  });

  it('lets a token of the password alone change nothing', async () => {
    const stolen = expectTokens(await servers.second.login(ALICE, {}, OTHER)).access_token;
    expect((await account(servers.second, 'GET', '/factors', stolen)).status).toBe(200);
    fallBehind();
    await enrol(servers.first, ALICE, OTHER);
    const { json } = await account(servers.second, 'GET', '/factors', stolen);
    const { id } = (json as { data: { id: string }[] }).data[0] ?? { id: '' };
    for (const answer of [
      await account(servers.second, 'POST', '/factors', stolen, { type: 'totp' }),
      await account(servers.second, 'DELETE', `/factors/${id}`, stolen),
    ]) {
      expectBearerChallenge(answer, 401, 'insufficient_user_authentication');
    }
  });
});
