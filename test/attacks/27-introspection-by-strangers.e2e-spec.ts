import { afterEach, expect, it } from '@jest/globals';
import {
  aClient,
  aConfiguration,
  ALICE,
  aResourceServer,
  RESOURCE_SERVER,
  SHOP,
} from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectActive, expectInactive, expectOAuthError, expectSameAnswer } from '../support/expectations.js';
import { credentialsOf, expectSession } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

const ELSEWHERE = credentialsOf('another-resource-server');
const IDENTIFIERS = 'CVE-2024-47077, CVE-2026-58425, better-auth 8267';

describeEachDatabase(`Introspection tells strangers nothing (${IDENTIFIERS})`, (dialect) => {
  let stack: Stack;

  afterEach(() => stack.stop());

  it('only a resource server that the token is for learns anything, whoever the token was issued to', async () => {
    stack = await startStack(dialect, {
      configuration: aConfiguration({
        clients: [
          aClient(),
          aResourceServer(),
          aResourceServer({
            client_id: ELSEWHERE.clientId,
            client_secret: ELSEWHERE.secret,
            audience: ['https://elsewhere.example.com/'],
          }),
        ],
      }),
    });
    const { access_token: token } = expectSession(await stack.login(ALICE));
    expect(expectActive(await stack.introspect(token)).client_id).toBe(SHOP.clientId);
    expectInactive(await stack.introspect(token, ELSEWHERE));

    for (const stranger of [null, { ...RESOURCE_SERVER, secret: 'guess' }, credentialsOf('nobody')]) {
      const known = await stack.introspect(token, stranger);
      expectOAuthError(known, 401, 'invalid_client');
      expectSameAnswer(known, await stack.introspect('guess', stranger));
    }
    const owner = await stack.introspect(token, SHOP);
    expectOAuthError(owner, 403, 'unauthorized_client');
    expectSameAnswer(owner, await stack.introspect('guess', SHOP));
  });
});
