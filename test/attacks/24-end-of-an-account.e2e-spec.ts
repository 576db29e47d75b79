import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { administerClient, administerUser, newClient, newUserLike } from '../support/administration.js';
import { ALICE } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { Servers } from '../support/servers.js';
import { becomesInactive, expectSession, isActive } from '../support/sessions.js';

interface Parties {
  user: ReturnType<typeof administerUser>;
  client: ReturnType<typeof administerClient>;
}

const ENDS: [string, (parties: Parties) => Promise<unknown>][] = [
  ['the user is disabled', ({ user }) => user.disable()],
  ['the user is disabled and enabled again', ({ user }) => user.disable().then(() => user.enable())],
  ['the user is deleted', ({ user }) => user.delete()],
  ['the password changes', ({ user }) => user.changePassword('new correct horse battery staple')],
  ['the client is disabled', ({ client }) => client.disable()],
  ['the client is disabled and enabled again', ({ client }) => client.disable().then(() => client.enable())],
  ['the client is deleted', ({ client }) => client.delete()],
  ['the client gets another secret', ({ client }) => client.replaceSecret('x'.repeat(40))],
  ['the grant is removed', ({ client }) => client.update(() => ({ grantTypes: ['refresh_token'] }))],
];

describeEachDatabase(
  'The end of an account (CVE-2023-22492, CVE-2025-64521, GHSA-x4vh-j75g-268g)',
  (dialect) => {
    let servers: Servers;

    beforeAll(async () => {
      servers = await Servers.start(dialect);
    });

    afterAll(() => servers.stop());

    it.each(ENDS)('%s: refresh and introspection stop at once, at every server', async (_, end) => {
      const { first, second } = servers;
      const owner = await newUserLike(first, ALICE);
      const client = await newClient(first);
      const session = expectSession(await second.login(owner, {}, client));
      expect(await isActive(second, session)).toBe(true);
      await end({
        user: administerUser(first, owner.username),
        client: administerClient(first, client.clientId),
      });
      const refused = await second.refresh(session.refresh_token, {}, client);
      expect([400, 401]).toContain(refused.status);
      expect(await isActive(first, session)).toBe(false);
      await becomesInactive(second, session);
    });
  },
);
