import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { aClient, aConfiguration, ALICE, aUser, BOB } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { tryPassword } from '../support/guessing.js';
import { startStack, type Stack } from '../support/stack.js';
import { recordSqliteStatements, recordStatements } from '../support/statements.js';

/** What a server does for itself now and then touches none of these. */
const TABLE =
  /\b(users|clients|throttles|authorizations|audit_events|password_logins|login_attempts|second_factors|recovery_codes)\b/g;

describeEachDatabase('A login with a password alone', (dialect) => {
  let stack: Stack;
  let statements: string[];

  beforeEach(async () => {
    stack = await startStack(dialect, {
      configuration: aConfiguration({
        clients: [aClient({ forwards_end_user_address: true })],
        users: [aUser(), aUser({ ...BOB, second_factor: 'required' })],
      }),
    });
    statements = (dialect === 'sqlite' ? recordSqliteStatements : recordStatements)(stack.database);
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await stack.stop();
  });

  /** Of each statement its verb and its tables. */
  const told = () =>
    statements.flatMap((statement) => {
      const tables = new Set(statement.match(TABLE));
      return tables.size === 0 ? [] : [`${statement.trim().split(/\s/, 1)[0]} ${[...tables].join(' ')}`];
    });

  it('reads the user, takes a place and stores the login, and asks nothing about second factors', async () => {
    expectTokens(await tryPassword(stack, ALICE.password, { from: '203.0.113.1' }));
    statements.length = 0;
    expectTokens(await tryPassword(stack, ALICE.password, { from: '203.0.113.1' }));
    expect(told()).toEqual(
      dialect === 'sqlite'
        ? [
            'SELECT users',
            'INSERT throttles',
            'INSERT throttles',
            'INSERT password_logins',
            'INSERT audit_events',
            'INSERT authorizations',
          ]
        : ['SELECT users', 'INSERT throttles', 'WITH throttles password_logins audit_events authorizations'],
    );
  });

  it('stores one row where it waits for a second factor', async () => {
    const login = () => tryPassword(stack, BOB.password, { username: BOB.username, from: '203.0.113.1' });
    expectOAuthError(await login(), 403, 'mfa_required');
    statements.length = 0;
    expectOAuthError(await login(), 403, 'mfa_required');
    // The address is not known yet, so it has a budget too. What is read to say which factors there are is no matter of this test.
    expect(told().filter((statement) => !statement.startsWith('SELECT'))).toEqual(
      dialect === 'sqlite'
        ? [
            'INSERT throttles',
            'INSERT throttles',
            'UPDATE throttles',
            'UPDATE throttles',
            'INSERT login_attempts',
          ]
        : ['INSERT throttles', 'INSERT throttles', 'WITH throttles login_attempts'],
    );
  });
});
