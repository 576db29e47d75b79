import { afterEach, expect, it } from '@jest/globals';
import { aClient, aConfiguration, ALICE, aResourceServer } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectActive, expectInactive } from '../support/expectations.js';
import { aClientNamed, credentialsOf, expectSession } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';
import { reissue } from '../support/tokens.js';

const JWT = credentialsOf('jwt-backend');
const OPAQUE = credentialsOf('opaque-backend');

describeEachDatabase('What is not good is inactive, and not a word more (CVE-2026-68481)', (dialect) => {
  let stack: Stack;

  afterEach(() => stack.stop());

  it.each([
    ['JWTs', JWT],
    ['opaque tokens', OPAQUE],
  ])('%s: revoked, expired, cut, altered, of another kind', async (_, client) => {
    stack = await startStack(dialect, {
      configuration: aConfiguration({
        clients: [
          aClient(),
          aClientNamed(JWT.clientId),
          aClientNamed(OPAQUE.clientId, { access_token_format: 'opaque' }),
          aResourceServer(),
        ],
      }),
    });
    const session = expectSession(await stack.login(ALICE, {}, client));
    const { access_token: token, refresh_token: refreshToken } = session;
    const { exp, iat } = expectActive(await stack.introspect(token));
    const now = Math.floor(Date.now() / 1000);
    const last = token.at(-1) === 'A' ? 'Q' : 'A';
    for (const bad of [
      reissue(stack, token, { exp: now - 1, iat: iat - (exp - now) - 1 }),
      token.slice(0, -1),
      token.slice(0, -10) + last.repeat(10),
      token.slice(1),
      token.split('.').slice(0, 2).join('.').slice(0, -4),
      `${token}.`,
      refreshToken,
      'lka_',
      'x',
    ]) {
      expectInactive(await stack.introspect(bad));
    }
    expect((await stack.revoke(token, client)).status).toBe(200);
    expectInactive(await stack.introspect(token));
  });
});
