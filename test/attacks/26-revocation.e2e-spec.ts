import { afterEach, describe, expect, it } from '@jest/globals';
import { RevocationService } from '../../apps/authorization-server/src/oauth/revocation/revocation.service.js';
import { ALICE, OTHER } from '../support/builders.js';
import { describeEachDatabase, type TestDatabase } from '../support/databases.js';
import { expectOAuthError, expectSameAnswer } from '../support/expectations.js';
import { createServerDatabase } from '../support/server-databases.js';
import { expectSession, isActive } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';
import { TcpProxy } from '../support/tcp-proxy.js';

describeEachDatabase('Nobody revokes another client’s token (CVE-2026-115472)', (dialect) => {
  let stack: Stack;

  afterEach(() => stack.stop());

  it('a live one is refused, a dead one is like one that never was, and nothing happens to either', async () => {
    stack = await startStack(dialect);
    const session = expectSession(await stack.login(ALICE));
    for (const token of [session.refresh_token, session.access_token]) {
      expectOAuthError(await stack.revoke(token, OTHER), 400, 'invalid_grant');
    }
    expect(await isActive(stack, session)).toBe(true);
    const own = await stack.revoke(session.access_token);
    expect(own.status).toBe(200);
    expect(await isActive(stack, session)).toBe(false);
    const dead = [
      await stack.revoke(session.refresh_token, OTHER),
      await stack.revoke(session.access_token, OTHER),
      await stack.revoke('lkr_of_nobody', OTHER),
    ];
    expectSameAnswer(own, ...dead);
  });
});

describe('A revocation that could not be stored is no success (CVE-2020-15223)', () => {
  let stack: Stack;
  let database: TestDatabase;
  let proxy: TcpProxy;

  afterEach(async () => {
    await stack.stop();
    await proxy.cut();
    await database.drop();
  });

  it('503 while the database is away, and done when it is back', async () => {
    database = await createServerDatabase('postgres');
    proxy = await TcpProxy.inFrontOf(database);
    stack = await startStack('postgres', { database: proxy.database(database) });
    const session = expectSession(await stack.login(ALICE));
    const service = stack.application.get(RevocationService);
    const revoke = service.revoke.bind(service);
    // After the client was read, which would fail as well.
    service.revoke = async (...parameters) => {
      await proxy.cut();
      return revoke(...parameters);
    };
    expectOAuthError(await stack.revoke(session.refresh_token), 503, 'temporarily_unavailable');
    service.revoke = revoke;
    await proxy.restore();
    expect(await isActive(stack, session)).toBe(true);
    expect((await stack.revoke(session.refresh_token)).status).toBe(200);
    expect(await isActive(stack, session)).toBe(false);
  });
});
