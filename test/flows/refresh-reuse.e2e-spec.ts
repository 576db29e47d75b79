import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { idToBytes } from '@latchkey/platform/database';
import sql from 'sql-template-tag';
import { ALICE, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError } from '../support/expectations.js';
import {
  alterAuthorization,
  auditKindsOf,
  authorizationOf,
  claimsOf,
  expectSession,
  isActive,
  passTime,
  type Session,
} from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

const AFTER_GRACE = 31;

describeEachDatabase('Refresh token reuse', (dialect) => {
  let stack: Stack;
  let session: Session;

  const refresh = async (token: string) => expectSession(await stack.refresh(token));

  /** Everything of the session is over, and the audit trail says why, once. */
  const expectDead = async (tokens: readonly Session[], kind: string) => {
    for (const token of tokens) {
      expect(await isActive(stack, token)).toBe(false);
      expectOAuthError(await stack.refresh(token.refresh_token), 400, 'invalid_grant');
    }
    expect((await authorizationOf(stack, session)).revoked_at).not.toBeNull();
    expect(await auditKindsOf(stack, session)).toEqual(['login', kind]);
  };

  beforeAll(async () => {
    stack = await startStack(dialect);
  });

  beforeEach(async () => {
    session = expectSession(await stack.login(ALICE));
  });

  afterAll(() => stack.stop());

  it('ends the session when the previous token comes back after the grace', async () => {
    const first = await refresh(session.refresh_token);
    await passTime(stack, session, AFTER_GRACE);
    expectOAuthError(await stack.refresh(session.refresh_token), 400, 'invalid_grant');
    await expectDead([session, first], 'refresh_token_reuse');
  });

  it('ends the session when a token from two rotations ago comes back, even inside the grace', async () => {
    const first = await refresh(session.refresh_token);
    await passTime(stack, session, AFTER_GRACE);
    const second = await refresh(first.refresh_token);
    expectOAuthError(await stack.refresh(session.refresh_token), 400, 'invalid_grant');
    await expectDead([session, first, second], 'refresh_token_reuse');
  });

  it('takes the descendants along, whoever holds them', async () => {
    // The thief refreshed first and went on; the owner comes with the stolen token.
    const stolen = await refresh(session.refresh_token);
    await passTime(stack, session, AFTER_GRACE);
    const descendant = await refresh(stolen.refresh_token);
    await passTime(stack, session, AFTER_GRACE);
    const last = await refresh(descendant.refresh_token);
    expectOAuthError(await stack.refresh(session.refresh_token), 400, 'invalid_grant');
    await expectDead([stolen, descendant, last], 'refresh_token_reuse');
  });

  it("leaves the owner's other sessions alone", async () => {
    const other = expectSession(await stack.login(ALICE));
    await refresh(session.refresh_token);
    await passTime(stack, session, AFTER_GRACE);
    expectOAuthError(await stack.refresh(session.refresh_token), 400, 'invalid_grant');
    expect(await isActive(stack, other)).toBe(true);
    await refresh(other.refresh_token);
  });

  it('says in the audit trail whose session, which client, from where and in which request', async () => {
    await refresh(session.refresh_token);
    await passTime(stack, session, AFTER_GRACE);
    const refused = await stack.refresh(session.refresh_token);
    const { sid, sub } = claimsOf(session);
    const rows = await stack.database.query(
      sql`SELECT * FROM audit_events WHERE sid = ${idToBytes(sid)} AND kind = 'refresh_token_reuse'`,
    );
    expect(rows).toMatchObject([
      {
        outcome: 'failure',
        actor: SHOP.clientId,
        client_id: SHOP.clientId,
        subject: sub,
        address: '127.0.0.1',
        request_id: refused.headers['x-request-id'],
      },
    ]);
  });

  it('is found once when it comes many times at the same time', async () => {
    const first = await refresh(session.refresh_token);
    await passTime(stack, session, AFTER_GRACE);
    const answers = await Promise.all(Array.from({ length: 10 }, () => stack.refresh(session.refresh_token)));
    for (const answer of answers) expectOAuthError(answer, 400, 'invalid_grant');
    await expectDead([first], 'refresh_token_reuse');
  });

  it.each([
    ['one rotation', 1],
    ['two rotations', 2],
  ])('takes a token newer than the database by %s for a database that was set back', async (_, steps) => {
    const first = await refresh(session.refresh_token);
    await passTime(stack, session, AFTER_GRACE);
    const second = await refresh(first.refresh_token);
    await alterAuthorization(stack, session, sql`generation = generation - ${steps}`);
    expectOAuthError(await stack.refresh(second.refresh_token), 400, 'invalid_grant');
    await expectDead([session, first, second], 'rollback_detected');
  });

  it('does not believe a generation whose MAC is another', async () => {
    const first = await refresh(session.refresh_token);
    const forged = Buffer.from(first.refresh_token.slice('lkr_'.length), 'base64url');
    // The generation follows version, kid and sid.
    forged.writeUInt32BE(7, 1 + 8 + 16);
    expectOAuthError(await stack.refresh(`lkr_${forged.toString('base64url')}`), 400, 'invalid_grant');
    expect(await isActive(stack, first)).toBe(true);
    expect(await auditKindsOf(stack, session)).toEqual(['login']);
  });
});
