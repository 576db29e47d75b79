import { afterEach, describe, expect, it } from '@jest/globals';
import { aConfiguration, aResourceServer, ALICE } from '../support/builders.js';
import { describeEachDatabase, type TestDatabase } from '../support/databases.js';
import { expectOAuthError } from '../support/expectations.js';
import type { Answer } from '../support/http.js';
import {
  aClientNamed,
  auditKindsOf,
  authorizationOf,
  credentialsOf,
  expectSession,
  isActive,
  passTime,
  type Session,
} from '../support/sessions.js';
import { createServerDatabase } from '../support/server-databases.js';
import { startStack, type Stack } from '../support/stack.js';

const GRACE = credentialsOf('with-grace');
const NO_GRACE = credentialsOf('without-grace');
const PARALLEL = 50;

const OPTIONS = {
  configuration: aConfiguration({
    clients: [
      aClientNamed(GRACE.clientId),
      aClientNamed(NO_GRACE.clientId, { refresh_token_grace: 0 }),
      aResourceServer(),
    ],
  }),
  environment: { ISSUER: 'https://login.example.com' },
};

/** Presents one refresh token many times at once, in turns to each of the servers. */
function storm(stacks: readonly Stack[], token: string, client = GRACE): Promise<Answer[]> {
  return Promise.all(
    Array.from({ length: PARALLEL }, (_, index) => stacks[index % stacks.length]!.refresh(token, {}, client)),
  );
}

/** All answers name one successor, and the session took one step. */
async function expectOneLineage(stack: Stack, session: Session, answers: readonly Answer[]): Promise<string> {
  const sessions = answers.map(expectSession);
  const [successor = '', ...others] = new Set(sessions.map((answer) => answer.refresh_token));
  expect(others).toEqual([]);
  expect(successor).not.toBe(session.refresh_token);
  expect(new Set(sessions.map((answer) => answer.access_token)).size).toBe(PARALLEL);
  expect(await auditKindsOf(stack, session)).toEqual(['login']);
  return successor;
}

describeEachDatabase('Parallel refreshes of one token', (dialect) => {
  let stack: Stack;

  afterEach(() => stack.stop());

  it('give one lineage, time after time', async () => {
    stack = await startStack(dialect, OPTIONS);
    const session = expectSession(await stack.login(ALICE, {}, GRACE));
    let token = session.refresh_token;
    for (const generation of [1, 2, 3]) {
      token = await expectOneLineage(stack, session, await storm([stack], token));
      expect(await authorizationOf(stack, session)).toMatchObject({ generation });
      await passTime(stack, session, 31);
    }
  });

  it('are theft without a grace: one wins at most, and the session is over', async () => {
    stack = await startStack(dialect, OPTIONS);
    const session = expectSession(await stack.login(ALICE, {}, NO_GRACE));
    const answers = await storm([stack], session.refresh_token, NO_GRACE);
    const [winner, ...others] = answers.filter(({ status }) => status === 200).map(expectSession);
    expect(others).toEqual([]);
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      expectOAuthError(answer, 400, 'invalid_grant');
    }
    expect(await isActive(stack, winner ?? session)).toBe(false);
    expect(await auditKindsOf(stack, session)).toEqual(['login', 'refresh_token_reuse']);
  });

  it('beside a revocation leave nothing alive', async () => {
    stack = await startStack(dialect, OPTIONS);
    const session = expectSession(await stack.login(ALICE, {}, GRACE));
    const [revoked, answers] = await Promise.all([
      stack.revoke(session.access_token, GRACE),
      storm([stack], session.refresh_token),
    ]);
    expect(revoked.status).toBe(200);
    for (const answer of answers) {
      if (answer.status !== 200) {
        expectOAuthError(answer, 400, 'invalid_grant');
        continue;
      }
      const refreshed = expectSession(answer);
      expect(await isActive(stack, refreshed)).toBe(false);
      expectOAuthError(await stack.refresh(refreshed.refresh_token, {}, GRACE), 400, 'invalid_grant');
    }
    expect(await auditKindsOf(stack, session)).toEqual(['login', 'authorization_revoked']);
  });
});

describe('Parallel refreshes of one token at two servers over one PostgreSQL database', () => {
  let database: TestDatabase | undefined;
  const stacks: Stack[] = [];

  afterEach(async () => {
    for (const stack of stacks.splice(0)) await stack.stop();
    await database?.drop();
  });

  it('give one lineage', async () => {
    database = await createServerDatabase('postgres');
    for (let server = 0; server < 2; server++) {
      stacks.push(await startStack('postgres', { ...OPTIONS, database }));
    }
    const [first, second] = stacks as [Stack, Stack];
    const session = expectSession(await first.login(ALICE, {}, GRACE));
    const successor = await expectOneLineage(first, session, await storm(stacks, session.refresh_token));
    expect(await authorizationOf(first, session)).toMatchObject({ generation: 1 });

    expect(expectSession(await second.refresh(successor, {}, GRACE)).refresh_token).toBe(successor);
    expect((await second.revoke(successor, GRACE)).status).toBe(200);
    expectOAuthError(await first.refresh(successor, {}, GRACE), 400, 'invalid_grant');
    expect(await isActive(first, session)).toBe(false);
  });
});
