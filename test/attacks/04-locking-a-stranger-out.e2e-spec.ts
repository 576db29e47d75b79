import { afterEach, it } from '@jest/globals';
import { ALICE, BOB } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { STRICT, tryPassword } from '../support/guessing.js';
import { Servers } from '../support/servers.js';

const HOME = '198.51.100.7';

describeEachDatabase('Nobody locks a stranger out from another address (GHSA-cq42-vhv7-xr7p)', (dialect) => {
  let servers: Servers;

  const flood = (username: string) =>
    Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        tryPassword(servers.of(index), 'guess', { username, from: `203.0.113.${index}` }),
      ),
    );

  afterEach(() => servers.stop());

  it('the owner logs in from the usual address and from the usual device all the time', async () => {
    servers = await Servers.start(dialect, STRICT);
    const login = await tryPassword(servers.first, ALICE.password, { from: HOME });
    expectTokens(login);
    await flood(ALICE.username);
    for (const server of [servers.first, servers.second]) {
      expectTokens(await tryPassword(server, ALICE.password, { from: HOME }));
      const headers = { 'latchkey-device': String(login.headers['latchkey-device']) };
      expectTokens(await tryPassword(server, ALICE.password, { from: '192.0.2.1', headers }));
    }
    // The attacker has no such thing, and nobody else's account is touched.
    expectOAuthError(
      await tryPassword(servers.first, ALICE.password, { from: '203.0.113.1' }),
      400,
      'invalid_grant',
    );
    expectTokens(
      await tryPassword(servers.second, BOB.password, { username: BOB.username, from: '203.0.113.1' }),
    );
  });

  if (dialect === 'postgres') {
    it('an attempt that must wait does not keep a connection until it gets the lock of a row', async () => {
      servers = await Servers.start(dialect, STRICT);
      await flood(ALICE.username);
      const lock = servers.first.database.dataSource.createQueryRunner();
      try {
        await lock.startTransaction();
        await lock.query('SELECT 1 FROM throttles FOR UPDATE');
        expectOAuthError(
          await tryPassword(servers.first, 'guess', { from: '203.0.113.1' }),
          400,
          'invalid_grant',
        );
      } finally {
        await lock.rollbackTransaction();
        await lock.release();
      }
    });
  }
});
