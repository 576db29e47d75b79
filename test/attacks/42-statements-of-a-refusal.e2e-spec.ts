import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import {
  aClient,
  aConfiguration,
  aResourceServer,
  ALICE,
  aUser,
  BOB,
  OTHER,
  SHOP,
} from '../support/builders.js';
import { describeEachDatabase, type Dialect } from '../support/databases.js';
import { expectOAuthError } from '../support/expectations.js';
import { FREE_ATTEMPTS, STRICT, tryPassword } from '../support/guessing.js';
import { postForm, type Answer } from '../support/http.js';
import { forgetAll } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

const METHODS = ['query', 'execute', 'transaction', 'writeTogether'] as const;

const WAYS = [
  ['warm', () => undefined],
  ['cold', forgetAll],
] as const;

describeEachDatabase('A refusal asks the database the same for names that exist and others', (dialect) => {
  let stack: Stack;

  beforeEach(async () => {
    stack = await start(dialect);
    // What a server keeps in memory, it has now.
    await tryPassword(stack, BOB.password, { username: BOB.username });
    await postForm(`${stack.issuer}/oauth/introspect`, { token: 'a' }, OTHER);
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await stack.stop();
  });

  /** How the database is used while something is refused, in order. */
  async function usesOf(attempt: () => Promise<Answer>, status: number, code: string): Promise<string[]> {
    const uses: string[] = [];
    for (const method of METHODS) {
      const real = stack.database[method].bind(stack.database) as (...given: unknown[]) => unknown;
      jest.spyOn(stack.database, method).mockImplementation(((...given: unknown[]) => {
        // A server looks after itself now and then.
        if (given.at(-1) !== 'background') uses.push(method);
        return real(...given);
      }) as never);
    }
    expectOAuthError(await attempt(), status, code);
    jest.restoreAllMocks();
    return uses;
  }

  it.each(WAYS)(
    'users, %s: unknown, wrong password and disabled; and both kinds that must wait',
    async (_, prepare) => {
      const usesOfLogin = (username: string, password = 'guess') => {
        prepare(stack);
        return usesOf(() => tryPassword(stack, password, { username }), 400, 'invalid_grant');
      };
      const unknown = await usesOfLogin('nobody');
      expect(unknown).toContain('query');
      expect(unknown.filter((use) => use === 'writeTogether')).toHaveLength(1);
      expect(await usesOfLogin(BOB.username)).toEqual(unknown);
      expect(await usesOfLogin('gone', ALICE.password)).toEqual(unknown);
      for (let guess = 1; guess < FREE_ATTEMPTS; guess++) {
        await usesOfLogin('nobody');
        await usesOfLogin(BOB.username);
      }
      const throttled = await usesOfLogin('nobody');
      expect(throttled).not.toEqual(unknown);
      expect(await usesOfLogin(BOB.username)).toEqual(throttled);
      expect(await usesOfLogin(BOB.username, BOB.password)).toEqual(throttled);
    },
  );

  it.each(WAYS)('clients, %s: unknown, wrong secret and disabled, at every endpoint', async (_, prepare) => {
    for (const path of ['token', 'introspect', 'revoke']) {
      const usesOfClient = (clientId: string, secret: string) => {
        prepare(stack);
        const form = { token: 'a', grant_type: 'refresh_token', refresh_token: 'a' };
        return usesOf(
          () => postForm(`${stack.issuer}/oauth/${path}`, form, { clientId, secret }),
          401,
          'invalid_client',
        );
      };
      for (const wrong of ['wrong', 'wrong%20as+written']) {
        const unknown = await usesOfClient('nobody', wrong);
        expect(unknown).toEqual(['query']);
        expect(await usesOfClient(SHOP.clientId, wrong)).toEqual(unknown);
        expect(await usesOfClient('gone', wrong)).toEqual(unknown);
      }
      expect(await usesOfClient('gone', SHOP.secret)).toEqual(['query']);
    }
  });
});

function start(dialect: Dialect): Promise<Stack> {
  return startStack(dialect, {
    ...STRICT,
    configuration: aConfiguration({
      clients: [
        aClient(),
        aClient({ client_id: OTHER.clientId, client_secret: OTHER.secret }),
        aClient({ client_id: 'gone', enabled: false }),
        aResourceServer(),
      ],
      users: [aUser(), aUser(BOB), aUser({ username: 'gone', enabled: false })],
    }),
  });
}
