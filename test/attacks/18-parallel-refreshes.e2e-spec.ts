import { afterEach, expect, it } from '@jest/globals';
import { aClient, aConfiguration, aResourceServer, ALICE } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError } from '../support/expectations.js';
import type { Answer } from '../support/http.js';
import { Servers } from '../support/servers.js';
import {
  auditKindsOf,
  authorizationOf,
  becomesInactive,
  expectSession,
  isActive,
  passTime,
} from '../support/sessions.js';

describeEachDatabase(
  'Parallel refreshes with one token give one lineage (CVE-2026-1035, CVE-2026-50631)',
  (dialect) => {
    let servers: Servers;

    afterEach(() => servers.stop());

    const refreshFiftyTimes = (token: string): Promise<Answer[]> =>
      Promise.all(Array.from({ length: 50 }, (_, index) => servers.of(index).refresh(token)));

    it('fifty at all servers', async () => {
      servers = await Servers.start(dialect);
      const session = expectSession(await servers.first.login(ALICE));
      let token = session.refresh_token;
      for (const generation of [1, 2]) {
        const spent = token;
        const answers = await refreshFiftyTimes(spent);
        const [successor = '', ...others] = new Set(
          answers.map((answer) => expectSession(answer).refresh_token),
        );
        expect(others).toEqual([]);
        expect(successor).not.toBe(spent);
        expect(await authorizationOf(servers.first, session)).toMatchObject({ generation });
        await passTime(servers.first, session, 31);
        token = successor;
      }
      const last = expectSession(await servers.second.refresh(token));
      expect(await isActive(servers.first, last)).toBe(true);
      expect(await auditKindsOf(servers.first, session)).toEqual(['login']);
    });

    it('fifty at all servers without a grace: one of them is answered, and the login is over', async () => {
      const clients = [aClient({ refresh_token_grace: 0 }), aResourceServer()];
      servers = await Servers.start(dialect, { configuration: aConfiguration({ clients }) });
      const session = expectSession(await servers.first.login(ALICE));
      const answers = await refreshFiftyTimes(session.refresh_token);
      const refused = answers.filter(({ status }) => status !== 200);
      expect(refused).toHaveLength(49);
      for (const answer of refused) expectOAuthError(answer, 400, 'invalid_grant');
      expect(await authorizationOf(servers.first, session)).toMatchObject({ generation: 1 });
      await becomesInactive(servers.first, session);
      expect(await auditKindsOf(servers.first, session)).toEqual(['login', 'refresh_token_reuse']);
    });
  },
);
