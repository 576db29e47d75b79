import { afterEach, expect, it } from '@jest/globals';
import { aClient, aConfiguration, ALICE, API, aResourceServer, OTHER } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectBearerChallenge, expectInactive, expectOAuthError } from '../support/expectations.js';
import { api } from '../support/http.js';
import {
  aClientNamed,
  authorizationOf,
  credentialsOf,
  expectSession,
  isActive,
} from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

const OPAQUE = credentialsOf('opaque-backend');

describeEachDatabase('A token is for its client and its use (RFC 6749 section 10.4)', (dialect) => {
  let stack: Stack;

  afterEach(() => stack.stop());

  it('in the hands of another client, or in place of the other kind', async () => {
    stack = await startStack(dialect, {
      resourceServer: true,
      configuration: aConfiguration({
        clients: [
          aClient(),
          aClient({ client_id: OTHER.clientId, client_secret: OTHER.secret }),
          aClientNamed(OPAQUE.clientId, { access_token_format: 'opaque', audience: [API] }),
          aResourceServer(),
        ],
      }),
    });
    const session = expectSession(await stack.login(ALICE));
    const opaque = expectSession(await stack.login(ALICE, {}, OPAQUE));

    expectOAuthError(await stack.refresh(session.refresh_token, {}, OTHER), 400, 'invalid_grant');
    expect(await authorizationOf(stack, session)).toMatchObject({ generation: 0, revoked_at: null });

    expectInactive(await stack.introspect(session.refresh_token));
    expectBearerChallenge(await api('GET', stack.resources, session.refresh_token), 401, 'invalid_token');
    expectOAuthError(await stack.refresh(session.access_token), 400, 'invalid_grant');
    expectOAuthError(await stack.refresh(opaque.access_token, {}, OPAQUE), 400, 'invalid_grant');

    expect(await isActive(stack, session)).toBe(true);
    expect(await isActive(stack, expectSession(await stack.refresh(session.refresh_token)))).toBe(true);
  });
});
