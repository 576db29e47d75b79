import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { ALICE } from '../support/builders.js';
import { describeEachDatabase, type TestDatabase } from '../support/databases.js';
import { expectOAuthError } from '../support/expectations.js';
import { createServerDatabase } from '../support/server-databases.js';
import { expectSession, isActive, passTime } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

describeEachDatabase('A restart of the authorization server', (dialect) => {
  let database: TestDatabase;
  let stack: Stack;

  // Each start has another port, and a token names its issuer.
  const start = () => startStack(dialect, { database, environment: { ISSUER: 'https://login.example.com' } });

  const restart = async () => {
    await stack.stop();
    stack = await start();
  };

  beforeEach(async () => {
    database = await createServerDatabase(dialect);
    stack = await start();
  });

  afterEach(async () => {
    await stack.stop();
    await database.drop();
  });

  it('keeps sessions: their tokens are as good as before', async () => {
    const session = expectSession(await stack.login(ALICE));
    await restart();
    expect(await isActive(stack, session)).toBe(true);
    const refreshed = expectSession(await stack.refresh(session.refresh_token));
    await restart();
    expect(await isActive(stack, refreshed)).toBe(true);
  });

  it('keeps the grace: a retry after it gets the same successor', async () => {
    const session = expectSession(await stack.login(ALICE));
    const first = expectSession(await stack.refresh(session.refresh_token));
    await restart();
    const retry = expectSession(await stack.refresh(session.refresh_token));
    expect(retry.refresh_token).toBe(first.refresh_token);
  });

  it('keeps spent tokens spent', async () => {
    const session = expectSession(await stack.login(ALICE));
    const first = expectSession(await stack.refresh(session.refresh_token));
    await passTime(stack, session, 31);
    await restart();
    expectOAuthError(await stack.refresh(session.refresh_token), 400, 'invalid_grant');
    expect(await isActive(stack, first)).toBe(false);
  });

  it('keeps revoked sessions revoked', async () => {
    const session = expectSession(await stack.login(ALICE));
    await stack.revoke(session.refresh_token);
    await restart();
    expectOAuthError(await stack.refresh(session.refresh_token), 400, 'invalid_grant');
    expect(await isActive(stack, session)).toBe(false);
  });
});
