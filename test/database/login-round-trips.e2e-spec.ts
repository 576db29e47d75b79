import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aClient, aConfiguration, ALICE } from '../support/builders.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { tryPassword } from '../support/guessing.js';
import { startStack, type Stack } from '../support/stack.js';
import { recordStatements } from '../support/statements.js';

/** Reading the client and the user, and what is written beside the request: when a secret was last used, once an hour. */
const OTHERS = /^\s*SELECT|^UPDATE client_secrets SET last_used_at/;

describe('A login on PostgreSQL takes two round trips beside reading who wants in', () => {
  let stack: Stack;
  let statements: string[];

  const writes = () => statements.filter((statement) => !OTHERS.test(statement));

  beforeEach(async () => {
    stack = await startStack('postgres', {
      configuration: aConfiguration({ clients: [aClient({ forwards_end_user_address: true })] }),
    });
    statements = recordStatements(stack.database);
  });

  afterEach(() => stack.stop());

  it.each([
    ['from a known address', '203.0.113.1', 2, []],
    // Of the account, and of the address.
    [
      'from a new address, which has a budget too',
      '203.0.113.1',
      1,
      [expect.stringContaining('INTO throttles')],
    ],
  ])('right, %s', async (_, from, times, more) => {
    for (let login = 0; login < times; login++) {
      statements.length = 0;
      expectTokens(await tryPassword(stack, ALICE.password, { from }));
    }
    expect(writes()).toEqual([
      expect.stringContaining('INTO throttles'),
      ...more,
      expect.stringMatching(/INTO audit_events[^]*INTO authorizations/),
    ]);
  });

  it('right, from a known device at another address', async () => {
    const login = await tryPassword(stack, ALICE.password, { from: '203.0.113.1' });
    statements.length = 0;
    const headers = { 'latchkey-device': String(login.headers['latchkey-device']) };
    expectTokens(await tryPassword(stack, ALICE.password, { from: '203.0.113.2', headers }));
    expect(writes()).toHaveLength(2);
  });

  it('wrong, for a user and for a name that nobody has', async () => {
    for (const username of [ALICE.username, 'nobody']) {
      statements.length = 0;
      expectOAuthError(await tryPassword(stack, 'guess', { username }), 400, 'invalid_grant');
      expect(writes()).toEqual([
        expect.stringContaining('INTO throttles'),
        expect.stringContaining('INTO audit_events'),
      ]);
    }
  });
});
