import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { aConfiguration, aUser } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { startStack, type Stack } from '../support/stack.js';

/** A password, others that must count as the same, and others that must not. */
const PASSWORDS: Record<string, { password: string; same?: string[]; others: string[] }> = {
  spaces: {
    password: '  two and one ',
    others: ['two and one', ' two and one ', '  two and one', '++two+and+one+'],
  },
  long: { password: `${'x'.repeat(80)}1`, others: [`${'x'.repeat(80)}2`, 'x'.repeat(80), 'x'.repeat(72)] },
  longest: { password: 'y'.repeat(1024), others: ['y'.repeat(1023)] },
  nul: { password: 'before\0after', others: ['before', 'before\0', 'before\0other', 'beforeafter'] },
  control: { password: 'a\tb\r\nc', others: ['a\tb\nc', 'a b c'] },
  composed: { password: 'p\u00e4ssw\u00f6rd', same: ['pa\u0308sswo\u0308rd'], others: ['password'] },
  decomposed: { password: 'pa\u0308ssword', same: ['p\u00e4ssword'], others: ['password'] },
  // NFC leaves width and ligatures alone; NFKC would not.
  wide: { password: '\uff41\ufb01', others: ['afi', '\uff41fi'] },
  case: { password: 'MiXeD', others: ['mixed', 'MIXED'] },
  emoji: { password: '\u{1f468}\u200d\u{1f469}', others: ['\u{1f468}\u{1f469}'] },
  signs: { password: '&=+%41#?;"\\', others: ['&=+A#?;"\\', '&= %41#?;"\\'] },
  mark: { password: '\ufeffpassword', others: ['password'] },
  number: { password: '0123', others: ['123', '83'] },
};

const SAME_PASSWORD = 'the same for everyone';

/** A user name as it was registered, and ways to write it. */
const NAMES: Record<string, string[]> = {
  alice: ['alice', 'ALICE', 'Alice', '\uff21\uff2c\uff29\uff23\uff25', '\uff41lice'],
  'Zo\u00eb': ['zo\u00eb', 'ZO\u00cb', 'zoe\u0308', 'ZOE\u0308'],
  '\u30ac\u30f3': ['\uff76\uff9e\uff9d', '\u30ab\u3099\u30f3'],
  'bob@Example.com': ['bob@example.com', 'BOB@EXAMPLE.COM', '\uff42ob\uff20example.com'],
  'w%+&=': ['W%+&='],
  ['n'.repeat(255)]: ['N'.repeat(255)],
};

describeEachDatabase('RFC 6749 section 4.3.2: user name and password', (dialect) => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack(dialect, {
      configuration: aConfiguration({
        users: [
          ...Object.entries(PASSWORDS).map(([username, { password }]) => aUser({ username, password })),
          ...Object.keys(NAMES).map((username) => aUser({ username, password: SAME_PASSWORD })),
        ],
      }),
    });
  });

  afterAll(() => stack.stop());

  describe.each(Object.entries(PASSWORDS))('the password %s', (username, { password, same = [], others }) => {
    it('is taken as it is', async () => {
      for (const right of [password, ...same]) expectTokens(await stack.login({ username, password: right }));
    });

    it.each(others)('is not %j', async (wrong) => {
      expectOAuthError(await stack.login({ username, password: wrong }), 400, 'invalid_grant');
    });
  });

  describe.each(Object.entries(NAMES))('the user name %.20s', (_registered, spellings) => {
    it.each(spellings)('may be written %.20j', async (username) => {
      expectTokens(await stack.login({ username, password: SAME_PASSWORD }));
    });
  });
});
