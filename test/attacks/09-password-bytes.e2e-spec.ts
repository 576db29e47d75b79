import { afterAll, beforeAll, it } from '@jest/globals';
import { hashSync } from 'bcryptjs';
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

/** Passwords as the other system got them, and what its bcrypt cannot tell from them. */
const BCRYPT: [string, string, string[]][] = [
  ['bytes beyond the 72 of bcrypt', START, [`${START}x`, `${START} and another end`]],
  ['NUL, after which bcrypt starts again', 'again', ['again\0again', 'again\0']],
];

describeEachDatabase('A password is all of its bytes (ASVS 6.2.8)', (dialect) => {
  let stack: Stack;

  beforeAll(async () => {
    const users = PASSWORDS.map(([, password], index) => aUser({ username: `user-${index}`, password }));
    const moved = BCRYPT.map(([, password], index) => ({
      username: `moved-${index}`,
      password_hash: hashSync(password, 4),
    }));
    stack = await startStack(dialect, { configuration: aConfiguration({ users: [...users, ...moved] }) });
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

  it.each(BCRYPT.map((entry, index) => [...entry, `moved-${index}`] as const))(
    'against a hash of another system: %s',
    async (_, password, others, username) => {
      for (const other of others) {
        expectOAuthError(await stack.login({ username, password: other }), 400, 'invalid_grant');
      }
      expectTokens(await stack.login({ username, password }));
    },
  );
});
