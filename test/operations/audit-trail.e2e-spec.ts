import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Row } from '@latchkey/platform/database';
import sql from 'sql-template-tag';
import { ALICE, OTHER, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError } from '../support/expectations.js';
import { claimsOf, expectSession } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

const MINUTE_MS = 60_000;

describeEachDatabase('The audit trail', (dialect) => {
  let stack: Stack;

  const failures = (where = sql`true`): Promise<Row[]> =>
    stack.database.query(sql`SELECT * FROM audit_events WHERE outcome = 'failure' AND ${where}`);

  /** All in one minute, so that the count cannot be cut in two by the clock. */
  const startOfMinute = async () => {
    const left = MINUTE_MS - (Date.now() % MINUTE_MS);
    if (left < 5000) await new Promise((resolve) => setTimeout(resolve, left));
  };

  beforeAll(async () => {
    stack = await startStack(dialect);
  });

  afterAll(() => stack.stop());

  it('records a login with who, through which client, from where and in which request', async () => {
    const answer = await stack.login(ALICE);
    const { sub, sid } = claimsOf(expectSession(answer));
    expect(
      await stack.database.query(
        sql`SELECT * FROM audit_events WHERE kind = 'login' AND outcome = 'success'`,
      ),
    ).toMatchObject([
      {
        actor: SHOP.clientId,
        client_id: SHOP.clientId,
        subject: sub,
        address: '127.0.0.1',
        request_id: answer.headers['x-request-id'],
        count: 1,
      },
    ]);
    expect(sid).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('keeps one row with a count for the failed logins of an account, a client and a minute', async () => {
    await startOfMinute();
    const wrong = { ...ALICE, password: 'wrong' };
    for (let attempt = 0; attempt < 3; attempt++) {
      expectOAuthError(await stack.login(wrong), 400, 'invalid_grant');
    }
    await stack.login({ ...wrong, username: 'ALICE' });
    await stack.login(wrong, {}, OTHER);
    const rows = await failures(sql`subject NOT LIKE 'unknown:%'`);
    expect(rows.map(({ client_id, count }) => [client_id, count]).sort()).toEqual([
      [OTHER.clientId, 1],
      [SHOP.clientId, 4],
    ]);
    expect(rows.map(({ detail }) => JSON.parse(String(detail)) as unknown)).toEqual([
      { reason: 'wrong password' },
      { reason: 'wrong password' },
    ]);
  });

  it('knows names that nobody has only as a keyed hash of the first, in one row a minute', async () => {
    await startOfMinute();
    for (const username of ['nobody-has-this', 'NOBODY-has-this', 'and not this']) {
      await stack.login({ username, password: 'wrong' });
    }
    const rows = await failures(sql`subject LIKE 'unknown:%'`);
    // An attacker has any number of names.
    expect(rows.map(({ count }) => count)).toEqual([3]);
    for (const row of rows) {
      expect(row.subject).toMatch(/^unknown:[A-Za-z0-9_-]{22}$/);
      expect(JSON.stringify(row)).not.toMatch(/nobody-has|not this/i);
    }
  });

  it.each([
    ['a line feed', 'x\n{"level":30,"msg":"forged line"}'],
    ['a carriage return', 'x\r{"msg":"forged line"}'],
    ['an escape sequence', 'x\u001b[2Kforged line'],
    ['a line separator', 'x\u2028forged line'],
  ])('is not forged by a user name with %s, nor is the log', async (_, username) => {
    expectOAuthError(await stack.login({ username, password: 'wrong' }), 400, 'invalid_grant');
    for (const line of stack.log) {
      expect(line).not.toContain('forged line');
      expect(() => JSON.parse(line) as unknown).not.toThrow();
    }
    const rows = await stack.database.query(sql`SELECT * FROM audit_events`);
    expect(JSON.stringify(rows)).not.toContain('forged line');
  });

  it('has the reason of every refusal in the log, and not in the answer', async () => {
    const unknown = await stack.login({ username: 'somebody-else', password: 'wrong' });
    const wrong = await stack.login({ ...ALICE, password: 'wrong' });
    expect(wrong.text).toBe(unknown.text);
    const lineOf = (id: unknown) =>
      stack.log
        .map((line) => JSON.parse(line) as { request_id?: string; msg: string; detail?: string })
        .find(({ request_id, msg }) => request_id === id && msg === 'request refused');
    expect(lineOf(unknown.headers['x-request-id'])?.detail).toBe('unknown user');
    expect(lineOf(wrong.headers['x-request-id'])?.detail).toBe('wrong password');
  });
});
