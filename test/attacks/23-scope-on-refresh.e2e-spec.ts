import { afterEach, expect, it } from '@jest/globals';
import { ALICE } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError } from '../support/expectations.js';
import { expectSession, passTime } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

describeEachDatabase(
  'A refresh never widens the scope, and narrowing is not for ever (league 1117)',
  (dialect) => {
    let stack: Stack;

    afterEach(() => stack.stop());

    it('wider than granted is refused; narrower, and then all again, is not', async () => {
      stack = await startStack(dialect);
      const narrow = expectSession(await stack.login(ALICE, { scope: 'resources:read' }));
      for (const scope of ['resources:read resources:write', 'resources:write']) {
        expectOAuthError(await stack.refresh(narrow.refresh_token, { scope }), 400, 'invalid_scope');
      }
      expect(expectSession(await stack.refresh(narrow.refresh_token)).scope).toBe('resources:read');

      const whole = expectSession(await stack.login(ALICE));
      let { refresh_token: token } = whole;
      for (const scope of ['resources:read', 'resources:write', 'resources:read resources:write']) {
        await passTime(stack, whole, 31);
        const refreshed = expectSession(await stack.refresh(token, { scope }));
        expect(refreshed.scope).toBe(scope);
        token = refreshed.refresh_token;
      }
    });
  },
);
