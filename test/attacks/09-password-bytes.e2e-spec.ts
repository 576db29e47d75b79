import { afterAll, beforeAll, it } from '@jest/globals';
import { aConfiguration, aUser } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { startStack, type Stack } from '../support/stack.js';

const START = 'x'.repeat(72);

const PASSWORDS: [string, string, string[]][] = [
  ['longer than the 72 bytes of bcrypt', `${START} and the end`, [START, `${START} and another`]],
  ['with NUL inside', 'before\0after', ['before', 'before\0', 'before\0other']],
  ['with spaces at the ends', '  in the middle ', ['in the middle', ' in the middle ', '  in the middle']],
];

describeEachDatabase('A password is all of its bytes (ASVS 6.2.8)', (dialect) => {
  let stack: Stack;

  beforeAll(async () => {
    const users = PASSWORDS.map(([, password], index) => aUser({ username: `user-${index}`, password }));
    stack = await startStack(dialect, { configuration: aConfiguration({ users }) });
  });

  afterAll(() => stack.stop());

  it.each(PASSWORDS.map((entry, index) => [...entry, `user-${index}`] as const))(
    'one %s',
    async (_, password, others, username) => {
      expectTokens(await stack.login({ username, password }));
      for (const other of others) {
        expectOAuthError(await stack.login({ username, password: other }), 400, 'invalid_grant');
      }
    },
  );
});
