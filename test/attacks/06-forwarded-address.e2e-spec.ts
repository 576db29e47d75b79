import { afterEach, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import { ALICE, OTHER } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { FREE_ATTEMPTS, STRICT, tryPassword } from '../support/guessing.js';
import { Servers } from '../support/servers.js';

const HOME = '198.51.100.7';

/** Everything that somebody, somewhere, believes about an address. */
const claims = (address: string): Record<string, string> => ({
  'latchkey-forwarded-for': address,
  'x-forwarded-for': address,
  'x-real-ip': address,
  forwarded: `for=${address}`,
  'cf-connecting-ip': address,
});

describeEachDatabase('A forwarded address from just anybody changes nothing (CVE-2026-108162)', (dialect) => {
  let servers: Servers;

  afterEach(() => servers.stop());

  it('another one with each guess is one source, and the owner’s is not the owner', async () => {
    servers = await Servers.start(dialect, STRICT);
    expectTokens(await tryPassword(servers.first, ALICE.password, { from: HOME }));
    const verifications = servers.countVerifications();
    const guesses = Array.from({ length: 20 }, (_, index) =>
      tryPassword(servers.of(index), 'guess', { client: OTHER, headers: claims(`203.0.113.${index}`) }),
    );
    for (const answer of await Promise.all(guesses)) expectOAuthError(answer, 400, 'invalid_grant');
    const asOwner = await tryPassword(servers.first, ALICE.password, {
      client: OTHER,
      headers: claims(HOME),
    });
    expectOAuthError(asOwner, 400, 'invalid_grant');
    expect(verifications.count).toBe(FREE_ATTEMPTS);

    const rows = await servers.first.database.query<{ address: string }>(
      sql`SELECT address FROM audit_events WHERE actor = ${OTHER.clientId}`,
    );
    expect([...new Set(rows.map(({ address }) => address))]).toEqual(['127.0.0.1']);
  });
});
