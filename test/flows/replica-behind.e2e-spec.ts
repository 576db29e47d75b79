import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Caches } from '../../apps/authorization-server/src/changes/caches.js';
import { administerUser, newClient, newUserLike, type Owner } from '../support/administration.js';
import { ALICE } from '../support/builders.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import type { Credentials } from '../support/http.js';
import { account, enrol, withAccounts } from '../support/second-factors.js';
import { Servers } from '../support/servers.js';
import { expectSession, isActive } from '../support/sessions.js';

/** Of both servers, so that the tokens of one are good at the other. */
const ISSUER = 'https://login.example.com';

const PASSWORD = 'another long password';

describe('A server that has not yet heard of a change at another one', () => {
  let servers: Servers;
  let owner: Owner;
  let shop: Credentials;

  const login = async (password = owner.password) =>
    expectSession(await servers.first.login({ ...owner, password }, {}, shop));

  beforeEach(async () => {
    servers = await Servers.start('postgres', {
      configuration: withAccounts()(ISSUER),
      environment: { ISSUER },
    });
    owner = await newUserLike(servers.first, ALICE);
    shop = await newClient(servers.first);
    expect(await isActive(servers.second, await login())).toBe(true);
  });

  afterEach(() => servers.stop());

  /** It remembers what it knows by now, and nothing that happens from now on reaches it. */
  const fallBehind = (): void => {
    for (const cache of servers.second.application.get(Caches).all) cache.invalidate = () => undefined;
  };

  it('finds the login good that came after a change of the password', async () => {
    fallBehind();
    await administerUser(servers.first, owner.username).changePassword(PASSWORD);
    expect(await isActive(servers.second, await login(PASSWORD))).toBe(true);
  });

  it('makes no recovery codes of a user who has removed the last second factor', async () => {
    const authenticator = await enrol(servers.first, owner, shop);
    const login = await servers.first.login(owner, { scope: 'account', totp: authenticator.code() }, shop);
    const { access_token: token } = expectTokens(login);
    const { json } = await account(servers.second, 'GET', '/factors', token);
    const { id } = (json as { data: { id: string }[] }).data[0] ?? { id: '' };
    fallBehind();
    expect((await account(servers.first, 'DELETE', `/factors/${id}`, token)).status).toBe(204);
    const renewed = await account(servers.second, 'POST', '/recovery-codes', token);
    expectOAuthError(renewed, 400, 'invalid_request');
    const listed = await account(servers.first, 'GET', '/factors', token);
    expect(listed.json).toMatchObject({ data: [], recovery_codes: 0 });
  });
});
