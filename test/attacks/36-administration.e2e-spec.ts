import { afterEach, expect, it } from '@jest/globals';
import { aClient, aConfiguration, ALICE } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { api } from '../support/http.js';
import { startStack, type Stack } from '../support/stack.js';

const AREAS = [
  'clients',
  'scopes',
  'users',
  'authorizations',
  'keys',
  'audit-events',
  'password-grant-usage',
];

const ADMINISTRATIVE = ['admin:clients', 'admin:users', 'admin:users:read', 'admin:keys'];

describeEachDatabase('A resource owner’s token administers nothing', (dialect) => {
  let stack: Stack;

  afterEach(() => stack.stop());

  it('no login and no refresh gets an administrative scope, and nothing answers under /admin', async () => {
    stack = await startStack(dialect, {
      configuration: (issuer) =>
        aConfiguration({
          scopes: [{ name: 'account', description: 'Self-service' }],
          clients: [
            aClient({
              grant_types: ['password', 'refresh_token', 'client_credentials'],
              scope: ['account', ...ADMINISTRATIVE].join(' '),
              default_scope: 'account',
              audience: [issuer],
            }),
          ],
        }),
    });
    const tokens = expectTokens(await stack.login(ALICE));
    for (const name of ADMINISTRATIVE) {
      for (const scope of [name, `account ${name}`]) {
        expectOAuthError(await stack.login(ALICE, { scope }), 400, 'invalid_scope');
        expectOAuthError(await stack.refresh(tokens.refresh_token ?? '', { scope }), 400, 'invalid_scope');
      }
    }
    for (const token of [null, tokens.access_token]) {
      for (const area of AREAS) {
        for (const method of ['GET', 'POST', 'PUT', 'DELETE'] as const) {
          for (const path of [`/admin/${area}`, `/admin/${area}/1`]) {
            const answer = await api(method, stack.issuer + path, token);
            const refusals = [token === null ? 401 : 403, 404, 405];
            expect({ path, method, refused: refusals.includes(answer.status) }).toEqual({
              path,
              method,
              refused: true,
            });
            // Each list is there, and closed.
            if (method === 'GET' && !path.endsWith('/1')) expect(answer.status).toBe(refusals[0]);
            expect(answer.text).not.toMatch(/\$argon2id\$|\$sha256\$/);
          }
        }
      }
    }
  });
});
