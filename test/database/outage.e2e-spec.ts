import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import { ALICE } from '../support/builders.js';
import { type TestDatabase } from '../support/databases.js';
import { expectOAuthError } from '../support/expectations.js';
import { send } from '../support/http.js';
import { createServerDatabase } from '../support/server-databases.js';
import { expectSession, isActive, type Session } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';
import { TcpProxy } from '../support/tcp-proxy.js';

describe('While the database cannot be reached', () => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  let stack: Stack;
  let session: Session;

  const health = (probe: 'live' | 'ready') => send(`${stack.issuer}/health/${probe}`);

  beforeEach(async () => {
    database = await createServerDatabase('postgres');
    proxy = await TcpProxy.inFrontOf(database);
    stack = await startStack('postgres', { database: proxy.database(database) });
    session = expectSession(await stack.login(ALICE));
  });

  afterEach(async () => {
    await stack.stop();
    await proxy.cut();
    await database.drop();
  });

  it('the server lives, is not ready, and asks every client to try again', async () => {
    await proxy.cut();
    expect((await health('live')).status).toBe(200);
    const notReady = await health('ready');
    expect(notReady.status).toBe(503);
    expect(Number(notReady.headers['retry-after'])).toBeGreaterThan(0);
    for (const answer of [
      await stack.login(ALICE),
      await stack.refresh(session.refresh_token),
      await stack.introspect(session.access_token),
      await stack.revoke(session.access_token),
    ]) {
      expectOAuthError(answer, 503, 'temporarily_unavailable');
    }
  });

  it('metadata and keys are still there: they come from memory', async () => {
    await proxy.cut();
    expect((await send(`${stack.issuer}/.well-known/oauth-authorization-server`)).status).toBe(200);
    expect((await send(`${stack.issuer}/oauth/jwks`)).status).toBe(200);
  });

  it('nothing of the connection string is told or logged', async () => {
    await proxy.cut();
    const answer = await stack.login(ALICE);
    const { password, pathname } = new URL(database.url);
    expect(answer.text).not.toContain(pathname.slice(1));
    for (const line of stack.log) expect(line).not.toContain(`:${password}@`);
  });

  it('nothing is lost, and everything works again when it is back', async () => {
    await proxy.cut();
    expect((await health('ready')).status).toBe(503);
    expectOAuthError(await stack.revoke(session.access_token), 503, 'temporarily_unavailable');
    await proxy.restore();

    expect((await health('ready')).status).toBe(200);
    expect(await isActive(stack, session)).toBe(true);
    const refreshed = expectSession(await stack.refresh(session.refresh_token));
    expectSession(await stack.login(ALICE));
    expect((await stack.revoke(refreshed.access_token)).status).toBe(200);
    expect(await isActive(stack, refreshed)).toBe(false);
  });

  it('broken connections in the pool do not outlive a short interruption', async () => {
    for (let interruption = 0; interruption < 3; interruption++) {
      await Promise.all(Array.from({ length: 10 }, () => stack.introspect(session.access_token)));
      proxy.breakConnections();
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(await isActive(stack, session)).toBe(true);
    }
  });

  it('nothing is half-written: each change is there with its audit event, or neither is', async () => {
    const statuses = new Set<number>();
    const loginAndRevoke = async () => {
      const login = await stack.login(ALICE);
      statuses.add(login.status);
      if (login.status !== 200) return;
      const { access_token: token } = expectSession(login);
      statuses.add((await stack.revoke(token)).status);
    };
    const failures = Array.from({ length: 3 }, (_, index) =>
      stack.login({ username: `nobody-${index}`, password: 'wrong' }),
    );
    const rounds = Array.from({ length: 60 }, (_, index) =>
      loginAndRevoke().then(() => (index % 5 === 0 ? proxy.breakConnections() : undefined)),
    );
    await Promise.all([...failures, ...rounds]);
    await proxy.cut();
    await loginAndRevoke();
    await proxy.restore();
    expect([...statuses].sort()).toEqual([200, 503]);

    const [half] = await stack.database.query(sql`SELECT
      (SELECT count(*) FROM authorizations a WHERE NOT EXISTS (
        SELECT 1 FROM audit_events e WHERE e.sid = a.id AND e.kind = 'login')) AS unrecorded_logins,
      (SELECT count(*) FROM audit_events e WHERE e.kind = 'login' AND e.outcome = 'success' AND NOT EXISTS (
        SELECT 1 FROM authorizations a WHERE a.id = e.sid)) AS invented_logins,
      (SELECT count(*) FROM authorizations a WHERE a.revoked_at IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM audit_events e WHERE e.sid = a.id AND e.kind = 'authorization_revoked')) AS unrecorded_revocations,
      (SELECT count(*) FROM audit_events e WHERE e.kind = 'authorization_revoked' AND NOT EXISTS (
        SELECT 1 FROM authorizations a WHERE a.id = e.sid AND a.revoked_at IS NOT NULL)) AS invented_revocations,
      (SELECT count(*) > 10 FROM authorizations) AS something_happened`);
    expect(half).toEqual({
      unrecorded_logins: 0,
      invented_logins: 0,
      unrecorded_revocations: 0,
      invented_revocations: 0,
      something_happened: true,
    });
  });
});
