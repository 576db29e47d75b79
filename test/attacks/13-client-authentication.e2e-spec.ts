import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { RefusalDelay } from '../../apps/authorization-server/src/throttling/refusal-delay.js';
import { newClient } from '../support/administration.js';
import { ALICE, OTHER, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectSameAnswer, expectTokens } from '../support/expectations.js';
import { startStack, type Stack } from '../support/stack.js';

describeEachDatabase('Client authentication has one way in at a time (CXF PR 3165)', (dialect) => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack(dialect);
  });

  afterAll(() => stack.stop());

  it('two methods at once', async () => {
    const shop = { client_id: SHOP.clientId, client_secret: SHOP.secret };
    const other = { client_id: OTHER.clientId, client_secret: OTHER.secret };
    const parts: Record<string, string>[] = [{ client_secret: SHOP.secret }, { client_id: OTHER.clientId }];
    for (const body of [shop, other, ...parts]) {
      expectOAuthError(await stack.login(ALICE, body), 400, 'invalid_request');
    }
    expectTokens(await stack.login(ALICE, { client_id: SHOP.clientId }));
    expectTokens(await stack.login(ALICE, shop, null));
  });

  it('a confidential client without a secret, or with a part of it', async () => {
    for (const secret of [
      '',
      SHOP.secret.slice(0, -1),
      `${SHOP.secret}x`,
      SHOP.secret.toUpperCase(),
      'undefined',
    ]) {
      expectOAuthError(await stack.login(ALICE, {}, { ...SHOP, secret }), 401, 'invalid_client');
      const body = { client_id: SHOP.clientId, client_secret: secret };
      expectOAuthError(await stack.login(ALICE, body, null), 401, 'invalid_client');
    }
    expectOAuthError(await stack.login(ALICE, { client_id: SHOP.clientId }, null), 401, 'invalid_client');
  });

  it('a public client with the grant, whatever its registration says', async () => {
    const { clientId, secret } = await newClient(stack, { clientType: 'public' });
    const answer = await stack.login(ALICE, { client_id: clientId }, null);
    expectOAuthError(answer, 400, 'unauthorized_client');
    expectOAuthError(await stack.login(ALICE, {}, { clientId, secret }), 401, 'invalid_client');
  });

  it('a flood of wrong secrets waits on the grid, for clients and for names of none, and the client does not', async () => {
    const refusalDelay = stack.application.get(RefusalDelay);
    let held = 0;
    const wait = refusalDelay.wait.bind(refusalDelay);
    refusalDelay.wait = (arrivedAt) => {
      held++;
      return wait(arrivedAt);
    };
    // As many as the tests' servers let pass without waiting.
    const flood = (clientId: string) =>
      Promise.all(
        Array.from({ length: 150 }, (_, index) =>
          stack.introspect('token', { clientId, secret: `guess-${index}` }),
        ),
      );
    const heldFor = async (clientId: string) => {
      const before = held;
      const [first, ...others] = await flood(clientId);
      if (first === undefined) throw new Error('no answer');
      expectOAuthError(first, 401, 'invalid_client');
      expectSameAnswer(first, ...others);
      return held - before;
    };
    expect(await heldFor(OTHER.clientId)).toBe(50);
    expect(await heldFor('nobody')).toBe(50);
    const before = held;
    for (let login = 0; login < 5; login++) expectTokens(await stack.login(ALICE, {}, OTHER));
    expect(held).toBe(before);
  });
});
