import { afterAll, beforeAll, it } from '@jest/globals';
import { newClient } from '../support/administration.js';
import { ALICE, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError } from '../support/expectations.js';
import { startStack, type Stack } from '../support/stack.js';

describeEachDatabase('Statuses are those of RFC 6749 section 5.2 (glewlwyd answers 403)', (dialect) => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack(dialect);
  });

  afterAll(() => stack.stop());

  it('400 for bad credentials, tokens and grants; 401 for the client alone', async () => {
    expectOAuthError(await stack.login({ ...ALICE, password: 'guess' }), 400, 'invalid_grant');
    expectOAuthError(await stack.refresh('lkr_guess'), 400, 'invalid_grant');
    const refreshing = await newClient(stack, { grantTypes: ['refresh_token'] });
    expectOAuthError(await stack.login(ALICE, {}, refreshing), 400, 'unauthorized_client');
    expectOAuthError(await stack.token({ grant_type: 'implicit' }), 400, 'unsupported_grant_type');
    expectOAuthError(await stack.token(ALICE), 400, 'invalid_request');
    expectOAuthError(await stack.login(ALICE, { scope: 'unheard-of' }), 400, 'invalid_scope');
    expectOAuthError(await stack.login(ALICE, {}, { ...SHOP, secret: 'guess' }), 401, 'invalid_client');
  });
});
