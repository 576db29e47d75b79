import { afterEach, expect, it } from '@jest/globals';
import { aClient, aConfiguration, ALICE, aResourceServer, OTHER } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError } from '../support/expectations.js';
import { Servers } from '../support/servers.js';
import { authorizationOf, expectSession, isActive, passTime, type Session } from '../support/sessions.js';

/** Long, so that the time that the test itself takes changes nothing. */
const GRACE = 300;
const STEP = 90;

const CLIENTS = [
  aClient({ refresh_token_grace: GRACE }),
  aClient({ client_id: OTHER.clientId, client_secret: OTHER.secret }),
  aResourceServer(),
];

describeEachDatabase('The grace helps a retry and nobody else (FAPI 2.0)', (dialect) => {
  let servers: Servers;
  let session: Session;

  const refresh = async (token: string) => expectSession(await servers.second.refresh(token));

  const start = async () => {
    servers = await Servers.start(dialect, { configuration: aConfiguration({ clients: CLIENTS }) });
    session = expectSession(await servers.first.login(ALICE));
  };

  afterEach(() => servers.stop());

  it('a retry after a lost response gets the same successor, and extends nothing', async () => {
    await start();
    const lost = expectSession(await servers.first.refresh(session.refresh_token));
    const stored = await authorizationOf(servers.first, session);
    for (let retry = 0; retry < 3; retry++) {
      await passTime(servers.first, session, STEP);
      const { refresh_token: successor } = await refresh(session.refresh_token);
      expect(successor).toBe(lost.refresh_token);
      expect((await refresh(successor)).refresh_token).toBe(successor);
    }
    expect(await authorizationOf(servers.first, session)).toMatchObject({
      generation: 1,
      expires_at: Number(stored.expires_at) - 3 * STEP * 1000,
      rotated_at: Number(stored.rotated_at) - 3 * STEP * 1000,
    });
    await passTime(servers.first, session, GRACE - 3 * STEP + 1);
    expectOAuthError(await servers.second.refresh(session.refresh_token), 400, 'invalid_grant');
    expect(await isActive(servers.first, lost)).toBe(false);
  });

  it('it is no grace for another client, nor for a family that was revoked', async () => {
    await start();
    const successor = await refresh(session.refresh_token);
    expectOAuthError(await servers.first.refresh(session.refresh_token, {}, OTHER), 400, 'invalid_grant');
    await servers.first.revoke(successor.refresh_token);
    for (const { refresh_token: token } of [session, successor]) {
      expectOAuthError(await servers.second.refresh(token), 400, 'invalid_grant');
    }
  });
});
