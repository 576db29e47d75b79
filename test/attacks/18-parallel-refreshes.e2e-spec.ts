import { afterEach, expect, it } from '@jest/globals';
import { ALICE } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { Servers } from '../support/servers.js';
import { auditKindsOf, authorizationOf, expectSession, isActive, passTime } from '../support/sessions.js';

describeEachDatabase(
  'Parallel refreshes with one token give one lineage (CVE-2026-1035, CVE-2026-50631)',
  (dialect) => {
    let servers: Servers;

    afterEach(() => servers.stop());

    it('fifty at all servers', async () => {
      servers = await Servers.start(dialect);
      const session = expectSession(await servers.first.login(ALICE));
      let token = session.refresh_token;
      for (const generation of [1, 2]) {
        const spent = token;
        const answers = await Promise.all(
          Array.from({ length: 50 }, (_, index) => servers.of(index).refresh(spent)),
        );
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
  },
);
