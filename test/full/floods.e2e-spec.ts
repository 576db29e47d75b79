import { afterEach, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import { PasswordHasher } from '../../apps/authorization-server/src/passwords/password-hasher.js';
import { ALICE, BOB, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { FREE_ATTEMPTS, STRICT, tryPassword } from '../support/guessing.js';
import type { Answer } from '../support/http.js';
import { startStack, type Stack } from '../support/stack.js';

/** Small enough to wait for; ten times as many is one variable away. */
const FLOOD = Number(process.env.FLOOD_ATTEMPTS ?? 1000);
/** Answers that wait on the grid hold a connection each. */
const AT_ONCE = 300;
/** What goes on during a flood is done this often at least; a fast machine keeps the flood up for as long. */
const MEANWHILE = 3;
const HOME = '198.51.100.7';
const TIMEOUT_MS = 600_000;

const fromBotnet = (index: number) => `203.0.${Math.floor(index / 250) % 2}.${index % 250}`;

describeEachDatabase(`Floods of ${FLOOD} attempts`, (dialect) => {
  let stack: Stack;

  afterEach(() => stack.stop());

  /** Sends all of a flood, and meanwhile does the same thing again and again. */
  const during = async (
    attack: (index: number) => Promise<Answer>,
    meanwhile: () => Promise<void>,
  ): Promise<Set<string>> => {
    const answers = new Set<string>();
    let next = 0;
    let over = false;
    let done = 0;
    const attacker = async () => {
      while (next < FLOOD || done < MEANWHILE) {
        const { status, text } = await attack(next++);
        answers.add(`${status} ${text}`);
      }
    };
    const flood = Promise.all(Array.from({ length: AT_ONCE }, attacker)).finally(() => (over = true));
    try {
      for (; !over; done++) await meanwhile();
    } finally {
      next = FLOOD;
      done = MEANWHILE;
      await flood;
    }
    return answers;
  };

  it(
    'wrong passwords for one account from 500 addresses: few are compared, and the owner gets in all the time',
    async () => {
      stack = await startStack(dialect, STRICT);
      expectTokens(await tryPassword(stack, ALICE.password, { from: HOME }));
      const hasher = stack.application.get(PasswordHasher);
      const verify = hasher.verify.bind(hasher);
      let compared = 0;
      hasher.verify = (hash, password, origin) => {
        if (password.startsWith('guess')) compared++;
        return verify(hash, password, origin);
      };
      const begun = performance.now();
      const answers = await during(
        (index) => tryPassword(stack, `guess ${index}`, { from: fromBotnet(index) }),
        async () => void expectTokens(await tryPassword(stack, ALICE.password, { from: HOME })),
      );
      expect(answers.size).toBe(1);
      // After the free ones each waits a minute at least.
      const minutes = Math.floor((performance.now() - begun) / 60_000);
      expect(compared).toBeGreaterThan(0);
      expect(compared).toBeLessThanOrEqual(FREE_ATTEMPTS + minutes);
      const failures = await stack.database.query(sql`SELECT 1 FROM audit_events WHERE outcome = 'failure'`);
      // Wrong and throttled ones are a row each.
      expect(failures.length).toBeLessThanOrEqual(2 * (minutes + 2));
    },
    TIMEOUT_MS,
  );

  it(
    'failures over as many names through one client: another user’s right password is never refused',
    async () => {
      stack = await startStack(dialect, STRICT);
      const hasher = stack.application.get(PasswordHasher);
      const verify = hasher.verify.bind(hasher);
      let names = 0;
      // A verification for each would take minutes, and what it would show is in the test of the flood of hashes.
      hasher.verify = (hash, password, origin) => {
        if (hash !== null) return verify(hash, password, origin);
        names++;
        return Promise.resolve(false);
      };
      let attempts = 0;
      let logins = 0;
      const answers = await during(
        (index) => {
          attempts++;
          return tryPassword(stack, 'guess', {
            username: `name-${index}`,
            from: fromBotnet(index),
            client: SHOP,
          });
        },
        async () => {
          const from = `192.0.2.${++logins % 250}`;
          expectTokens(await tryPassword(stack, BOB.password, { username: BOB.username, from }));
        },
      );
      expect(answers.size).toBe(1);
      expect(names).toBe(attempts);
      expect(logins).toBeGreaterThan(1);
    },
    TIMEOUT_MS,
  );

  it(
    'wrong secrets for a client: the client itself is not affected',
    async () => {
      stack = await startStack(dialect, STRICT);
      let logins = 0;
      const answers = await during(
        (index) => stack.introspect('token', { ...SHOP, secret: `guess-${index}` }),
        async () => {
          expectTokens(await stack.login(ALICE));
          logins++;
        },
      );
      expect(answers.size).toBe(1);
      expect([...answers][0]).toContain('401');
      expect(logins).toBeGreaterThan(1);
      expectOAuthError(await stack.introspect('token', { ...SHOP, secret: 'guess' }), 401, 'invalid_client');
    },
    TIMEOUT_MS,
  );
});
