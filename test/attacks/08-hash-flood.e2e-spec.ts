import { afterEach, expect, it } from '@jest/globals';
import { ALICE } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { send } from '../support/http.js';
import { expectSession, isActive } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

const FLOOD = 60;

describeEachDatabase(
  'A flood of passwords meets a bounded queue (nodejs/node 62861, logto 7091)',
  (dialect) => {
    let stack: Stack;

    afterEach(() => stack.stop());

    it('what does not fit is told to come back, and the rest of the server goes on', async () => {
      stack = await startStack(dialect, {
        environment: { HASH_WORKERS: '1', HASH_QUEUE_LIMIT: '3', HASH_QUEUE_DEADLINE_MS: '60000' },
      });
      const session = expectSession(await stack.login(ALICE));
      let over = false;
      const flood = Promise.all(Array.from({ length: FLOOD }, () => stack.login(ALICE))).finally(
        () => (over = true),
      );
      let asked = 0;
      do {
        expect((await send(`${stack.issuer}/health/ready`)).status).toBe(200);
        expect(await isActive(stack, session)).toBe(true);
        asked++;
      } while (!over);
      expect(asked).toBeGreaterThan(1);

      const answers = await flood;
      const served = answers.filter(({ status }) => status === 200);
      const refused = answers.filter(({ status }) => status !== 200);
      for (const answer of refused) expectOAuthError(answer, 503, 'temporarily_unavailable');
      expect(served.length).toBeGreaterThan(0);
      expect(refused.length).toBeGreaterThan(0);
      expectTokens(await stack.login(ALICE));
    });
  },
);
