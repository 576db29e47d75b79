import { afterEach, expect, it } from '@jest/globals';
import { aClient, aConfiguration, ALICE, aResourceServer } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError } from '../support/expectations.js';
import { expectSession, isActive, passTime } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

const LIFETIME = 3600;
const INTERVAL = 500;

describeEachDatabase('Endless refreshing has an end (ASVS 10.4.8)', (dialect) => {
  let stack: Stack;

  afterEach(() => stack.stop());

  it('the absolute lifetime holds, and no access token outlives it', async () => {
    const lifetimes = {
      refresh_token_ttl: LIFETIME,
      refresh_token_idle_ttl: LIFETIME,
      access_token_ttl: LIFETIME,
    };
    const clients = [aClient(lifetimes), aResourceServer()];
    stack = await startStack(dialect, { configuration: aConfiguration({ clients }) });
    let last = expectSession(await stack.login(ALICE));
    for (let age = INTERVAL; age < LIFETIME; age += INTERVAL) {
      await passTime(stack, last, INTERVAL);
      last = expectSession(await stack.refresh(last.refresh_token));
      expect(last.expires_in).toBeLessThanOrEqual(LIFETIME - age);
    }
    expect(await isActive(stack, last)).toBe(true);
    await passTime(stack, last, INTERVAL);
    expectOAuthError(await stack.refresh(last.refresh_token), 400, 'invalid_grant');
    expect(await isActive(stack, last)).toBe(false);
  });
});
