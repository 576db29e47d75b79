import { afterEach, expect, it } from '@jest/globals';
import { ALICE } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError } from '../support/expectations.js';
import { FREE_ATTEMPTS, STRICT, tryPassword } from '../support/guessing.js';
import { Servers } from '../support/servers.js';

describeEachDatabase('Guesses at the same time never get past the limit (GHSA-7h8m-vrxx-vr4m)', (dialect) => {
  let servers: Servers;

  afterEach(() => servers.stop());

  it.each([
    ['from one address', () => '203.0.113.1'],
    ['from an address each', (index: number) => `203.0.113.${index}`],
  ])('%s: at most the free attempts are compared, the right password among them or not', async (_, from) => {
    servers = await Servers.start(dialect, STRICT);
    const verifications = servers.countVerifications();
    const guesses = Array.from({ length: 60 }, (_, index) =>
      tryPassword(servers.of(index), `guess ${index}`, { from: from(index) }),
    );
    for (const answer of await Promise.all(guesses)) expectOAuthError(answer, 400, 'invalid_grant');
    expect(verifications.count).toBe(FREE_ATTEMPTS);

    const late = await tryPassword(servers.second, ALICE.password, { from: from(61) });
    expectOAuthError(late, 400, 'invalid_grant');
    expect(verifications.count).toBe(FREE_ATTEMPTS);
  });
});
