import { afterEach, expect, it } from '@jest/globals';
import { aClient, aConfiguration, ALICE } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectSameAnswer, expectTokens } from '../support/expectations.js';
import { FREE_ATTEMPTS, STRICT, tryPassword } from '../support/guessing.js';
import { api, type Answer } from '../support/http.js';
import { Servers } from '../support/servers.js';

const ISSUER = 'https://login.example.com';

const NEW_PASSWORD = 'new correct horse battery staple';

describeEachDatabase(
  'A lock holds on every way in, and the right password does not show (CVE-2026-9798)',
  (dialect) => {
    let servers: Servers;

    const change = (token: string, current: string): Promise<Answer> =>
      api('PUT', `${servers.second.issuer}/account/password`, token, {
        current_password: current,
        new_password: NEW_PASSWORD,
      });

    afterEach(() => servers.stop());

    const startLoggedIn = async () => {
      servers = await Servers.start(dialect, {
        ...STRICT,
        configuration: aConfiguration({
          scopes: [{ name: 'account', description: 'Self-service' }],
          clients: [aClient({ scope: 'account', default_scope: 'account', audience: [ISSUER] })],
        }),
      });
      return expectTokens(await tryPassword(servers.first, ALICE.password)).access_token;
    };

    it('at the token endpoint and at the change of password of another server', async () => {
      const token = await startLoggedIn();
      const wrong = await Promise.all(
        Array.from({ length: FREE_ATTEMPTS }, () => tryPassword(servers.first, 'guess')),
      );
      const verifications = servers.countVerifications();
      const right = await tryPassword(servers.second, ALICE.password);
      expectOAuthError(right, 400, 'invalid_grant');
      expectSameAnswer(right, ...wrong);
      expect((await change(token, ALICE.password)).status).toBe(403);
      expect(verifications.count).toBe(0);
    });

    it('also when the guesses came through the change of password', async () => {
      const token = await startLoggedIn();
      const guesses = Array.from({ length: FREE_ATTEMPTS }, () => change(token, 'guess'));
      for (const { status } of await Promise.all(guesses)) expect(status).toBe(403);
      expectOAuthError(await tryPassword(servers.first, ALICE.password), 400, 'invalid_grant');
    });
  },
);
