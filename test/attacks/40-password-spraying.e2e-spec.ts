import { afterEach, beforeEach, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import { aClient, aConfiguration, ALICE, aUser, BOB } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectSameAnswer, expectTokens } from '../support/expectations.js';
import { STRICT, tryPassword } from '../support/guessing.js';
import { metricOf } from '../support/metrics.js';
import { Servers } from '../support/servers.js';

const BUDGET = 8;
const SPRAYED = 40;
const SPRAYER = '203.0.113.66';
const OFFICE = '198.51.100.7';
const WEAK = 'Winter2026! and more';

describeEachDatabase(
  'One address with one password for many accounts is slowed, and an office is not',
  (dialect) => {
    let servers: Servers;

    beforeEach(async () => {
      // The second half of them exists.
      const weak = Array.from({ length: SPRAYED }, (_, index) =>
        aUser({ username: `user-${index}`, password: WEAK }),
      );
      servers = await Servers.start(dialect, {
        configuration: aConfiguration({
          clients: [aClient({ forwards_end_user_address: true })],
          users: [aUser(), aUser(BOB), ...weak.slice(SPRAYED / 2)],
        }),
        environment: { ...STRICT.environment, THROTTLE_SOURCE_ACCOUNTS: String(BUDGET) },
      });
    });

    afterEach(() => servers.stop());

    const either = (index: number) => (index % 2 === 0 ? servers.first : servers.second);

    const guess = (index: number) =>
      tryPassword(either(index), WEAK, { username: `user-${index}`, from: SPRAYER });

    /** The password at each of these accounts, at both servers at once; names that nobody has count like the others. */
    const spray = (from: number, to: number) =>
      Promise.all(Array.from({ length: to - from }, (_, index) => guess(from + index)));

    it('it fails at its number of accounts, and then finds none, however weak; what it finds buys nothing', async () => {
      expectTokens(await guess(SPRAYED - 1));
      const verifications = servers.countVerifications();
      const first = await guess(0);
      const refused = await spray(1, SPRAYED / 2);
      for (const answer of refused) expectOAuthError(answer, 400, 'invalid_grant');
      expectSameAnswer(refused[0]!, ...refused.slice(1));
      expect(verifications.count).toBe(BUDGET);
      const found = await spray(SPRAYED / 2, SPRAYED - 1);
      expectSameAnswer(first, ...found);
      expect(verifications.count).toBe(BUDGET);

      // The account that was found is the attacker's to log in to, and gives back nothing.
      expectTokens(await guess(SPRAYED - 1));
      expectSameAnswer(first, await guess(SPRAYED - 2));

      const rows = await servers.first.database.query<{ address: string }>(sql`
      SELECT DISTINCT address FROM audit_events WHERE CAST(detail AS text) LIKE '%too many accounts%'`);
      expect(rows).toEqual([{ address: SPRAYER }]);
      const outcome = { outcome: 'source_throttled' };
      let counted = 0;
      for (const { application } of new Set([servers.first, servers.second]))
        counted += await metricOf(application, 'latchkey_logins_total', outcome);
      expect(counted).toBe(SPRAYED - BUDGET);
    });

    it('a password that is found gives nothing back', async () => {
      await spray(0, BUDGET - 1);
      expectTokens(await guess(SPRAYED - 1));
      const verifications = servers.countVerifications();
      await spray(BUDGET, SPRAYED / 2);
      expect(verifications.count).toBe(1);
    });

    it('who is known at an account logs in from the sprayer’s very address, by it or by the device', async () => {
      const login = await tryPassword(servers.first, ALICE.password, { from: OFFICE });
      expectTokens(await tryPassword(servers.first, BOB.password, { username: BOB.username, from: SPRAYER }));
      await spray(0, SPRAYED / 2);
      expectOAuthError(
        await tryPassword(servers.first, ALICE.password, { from: SPRAYER }),
        400,
        'invalid_grant',
      );
      const headers = { 'latchkey-device': String(login.headers['latchkey-device']) };
      expectTokens(await tryPassword(servers.second, ALICE.password, { from: SPRAYER, headers }));
      expectTokens(
        await tryPassword(servers.second, BOB.password, { username: BOB.username, from: SPRAYER }),
      );
      expectTokens(await tryPassword(servers.second, ALICE.password, { from: OFFICE }));
    });

    it('an office that mistypes and then logs in is never refused, and a program with an old password is one account', async () => {
      for (let index = SPRAYED / 2; index < SPRAYED; index++) {
        const person = { username: `user-${index}`, from: OFFICE };
        expectOAuthError(await tryPassword(either(index), 'mistyped', person), 400, 'invalid_grant');
        expectTokens(await tryPassword(either(index), WEAK, person));
      }
      // More failures than the accounts that the office may fail at, at fewer accounts.
      for (let attempt = 0; attempt < 2 * BUDGET; attempt++) {
        const username = `program-${attempt % 4}`;
        await tryPassword(servers.first, 'of last year', { username, from: OFFICE });
      }
      expectTokens(await tryPassword(servers.first, BOB.password, { username: BOB.username, from: OFFICE }));
    });
  },
);
