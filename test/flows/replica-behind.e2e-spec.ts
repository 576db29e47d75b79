import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Caches } from '../../apps/authorization-server/src/changes/caches.js';
import { administerUser, newClient, newUserLike, type Owner } from '../support/administration.js';
import { ALICE } from '../support/builders.js';
import type { Credentials } from '../support/http.js';
import { Servers } from '../support/servers.js';
import { expectSession, isActive } from '../support/sessions.js';

const PASSWORD = 'another long password';

describe('A server that has not yet heard of a change at another one', () => {
  let servers: Servers;
  let owner: Owner;
  let shop: Credentials;

  const login = async (password = owner.password) =>
    expectSession(await servers.first.login({ ...owner, password }, {}, shop));

  beforeEach(async () => {
    servers = await Servers.start('postgres');
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
});
