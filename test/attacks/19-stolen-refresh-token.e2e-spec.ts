import { afterEach, expect, it } from '@jest/globals';
import { ALICE } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError } from '../support/expectations.js';
import { Servers } from '../support/servers.js';
import { auditKindsOf, becomesInactive, expectSession, passTime } from '../support/sessions.js';

describeEachDatabase(
  'Reuse kills the family, descendants in flight included (supabase discussion 52614)',
  (dialect) => {
    let servers: Servers;

    const refresh = async (token: string) => expectSession(await servers.first.refresh(token));

    afterEach(() => servers.stop());

    it('a grandchild, and what is issued while the thief knocks', async () => {
      servers = await Servers.start(dialect);
      const { first, second } = servers;
      const stolen = expectSession(await first.login(ALICE));
      const child = await refresh(stolen.refresh_token);
      await passTime(first, stolen, 31);
      const grandchild = await refresh(child.refresh_token);
      await passTime(first, stolen, 31);

      const [theft, ...inFlight] = await Promise.all([
        second.refresh(stolen.refresh_token),
        ...Array.from({ length: 10 }, (_, index) => servers.of(index).refresh(grandchild.refresh_token)),
      ]);
      expectOAuthError(theft, 400, 'invalid_grant');
      const descendants = inFlight.filter(({ status }) => status === 200).map(expectSession);
      for (const session of [stolen, child, grandchild, ...descendants]) {
        for (const server of [first, second]) {
          expectOAuthError(await server.refresh(session.refresh_token), 400, 'invalid_grant');
          await becomesInactive(server, session);
        }
      }
      expect(await auditKindsOf(first, stolen)).toEqual(['login', 'refresh_token_reuse']);
    });
  },
);
