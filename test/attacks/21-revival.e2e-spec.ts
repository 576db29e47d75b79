import { afterEach, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import { ALICE } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { Servers } from '../support/servers.js';
import {
  alterAuthorization,
  becomesInactive,
  expectSession,
  isActive,
  passTime,
  type Session,
} from '../support/sessions.js';

describeEachDatabase('Restart and clock never revive a spent or revoked token (CVE-2026-9802)', (dialect) => {
  let servers: Servers;

  const login = async (): Promise<Session> => expectSession(await servers.first.login(ALICE));

  const expectDead = async ({ refresh_token: token, ...session }: Session) => {
    for (const server of [servers.first, servers.second]) {
      expectOAuthError(await server.refresh(token), 400, 'invalid_grant');
      await becomesInactive(server, session);
    }
  };

  afterEach(() => servers.stop());

  it('a revoked one is dead at every server, and after a restart', async () => {
    servers = await Servers.start(dialect);
    const session = await login();
    expect(await isActive(servers.second, session)).toBe(true);
    await servers.first.revoke(session.refresh_token);
    await expectDead(session);
    await servers.restart();
    await expectDead(session);
  });

  it('a spent one is spent after a restart', async () => {
    servers = await Servers.start(dialect);
    const session = await login();
    const successor = expectSession(await servers.first.refresh(session.refresh_token));
    await passTime(servers.first, session, 31);
    await servers.restart();
    expectOAuthError(await servers.second.refresh(session.refresh_token), 400, 'invalid_grant');
    await expectDead(successor);
  });

  it('a clock that was set back neither revives nor revokes', async () => {
    servers = await Servers.start(dialect);
    const session = await login();
    const successor = expectSession(await servers.first.refresh(session.refresh_token));
    await alterAuthorization(servers.first, session, sql`rotated_at = rotated_at + 3600000`);
    // The spent one stays spent, and is not called invalid: a client would throw the login away.
    const spent = await servers.second.refresh(session.refresh_token);
    expectOAuthError(spent, 503, 'temporarily_unavailable');
    expect(await isActive(servers.first, successor)).toBe(true);
    expectTokens(await servers.second.refresh(successor.refresh_token));
    expectOAuthError(await servers.first.refresh(session.refresh_token), 400, 'invalid_grant');
  });
});
