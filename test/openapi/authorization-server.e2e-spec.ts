import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { administrationBy, anAdministeredConfiguration, EVERYTHING, ROOT } from '../support/admin-api.js';
import { aClient, ALICE, RESOURCE_SERVER, SHOP } from '../support/builders.js';
import { expectTokens } from '../support/expectations.js';
import { basic } from '../support/http.js';
import { startStack, type Stack } from '../support/stack.js';
import { committedDocument, without } from './support/documents.js';
import { fuzz } from './support/findings.js';
import type { RequestOptions } from './support/requests.js';

const OWNERS = { clientId: 'owners', secret: 'owners-secret-0123456789abcdefghijklmno' };
const DOCUMENT = committedDocument('authorization-server');

/** Each of these hashes a password or waits for one. */
const SLOW = [
  'POST /oauth/token',
  'PUT /account/password',
  'POST /admin/users',
  'POST /admin/users/import',
  'POST /admin/configuration/users',
  'PUT /admin/users/{sub}/password',
  'GET /oauth/revocations',
];

/** Clients that nothing else here rests on. */
const VICTIMS = ['victim', 'other-victim'];

describe('The OpenAPI document of the authorization server', () => {
  let stack: Stack;
  let options: RequestOptions;

  beforeAll(async () => {
    stack = await startStack('sqlite', {
      configuration: (issuer) => {
        const configuration = anAdministeredConfiguration(issuer);
        const own = { audience: [issuer], scope: 'account', default_scope: 'account' };
        return {
          ...configuration,
          clients: [
            ...configuration.clients,
            aClient({ client_id: OWNERS.clientId, client_secret: OWNERS.secret, ...own }),
            ...VICTIMS.map((id) =>
              aClient({ client_id: id, client_secret: `${id}-secret-0123456789abcdefghijklmno` }),
            ),
          ],
        };
      },
    });
    options = await requestOptions(stack);
  });

  afterAll(() => stack.stop());

  it('says all that 3,000 requests are answered, none of which fails', async () => {
    const { problems, seen } = await fuzz(stack.issuer, DOCUMENT, { ...options, numRuns: 3000 });
    expect(problems.slice(0, 10)).toEqual([]);
    // Requests that only ever bounce would prove nothing.
    const succeeded = [...seen.keys()].filter((key) => / 20\d$/.test(key));
    expect(succeeded.length).toBeGreaterThan(25);
  }, 120_000);

  it('is found out when it leaves a status out', async () => {
    const seeded = without(DOCUMENT, '/admin/clients/{client_id}', 'get', 404);
    const { problems } = await fuzz(stack.issuer, seeded, {
      ...options,
      weights: { ...options.weights, 'GET /admin/clients/{client_id}': 300 },
      numRuns: 500,
    });
    expect(problems).not.toEqual([]);
    for (const problem of problems) expect(problem).toMatch(/^undocumented status 404 .*"GET"/);
  }, 60_000);
});

/** Tokens of different power, and names that exist. What the fuzzing stands on itself is not among these. */
async function requestOptions(stack: Stack): Promise<RequestOptions> {
  const root = await administrationBy(stack, ROOT, EVERYTHING);
  const partial = await administrationBy(stack, ROOT, 'admin:scopes');
  const owner = expectTokens(await stack.login(ALICE, {}, OWNERS)).access_token;
  const elsewhere = expectTokens(await stack.login(ALICE)).access_token;
  const users = (await root.get('/users')).json as { data: { sub: string; username: string }[] };
  const bob = users.data.find(({ username }) => username === 'bob')?.sub ?? '';
  const administrator = `Bearer ${root.token}`;
  return {
    authorizations: [
      ...[administrator, administrator, administrator],
      `Bearer ${partial.token}`,
      `Bearer ${owner}`,
      `Bearer ${elsewhere}`,
      basic(RESOURCE_SERVER),
      basic(SHOP),
      'Bearer x',
      'Basic %',
      null,
    ],
    known: {
      '{client_id}': [...VICTIMS, 'made-1', 'nobody'],
      '{name}': ['resources:read', 'made:1', 'admin:clients', 'nothing'],
      '{sub}': [bob, 'made-1', 'nobody'],
      '{id}': ['0193a3b2-1111-7abc-8def-0123456789ab', 'x'],
      client_id: ['made-1', 'made-2', 'made-3'],
      name: ['made:1', 'made:2', 'made:3'],
      sub: ['made-1', 'made-2'],
      username: ['made-1', 'made-2', 'alice'],
      password: ['tray mortal crisp lantern', 'short'],
      scope: ['resources:read', 'made:1'],
      default_scope: ['resources:read'],
      allowed_scope: ['resources:read', 'nothing'],
      audience: ['https://api.example.com/', 'x'],
      grant_type: ['password', 'refresh_token', 'client_credentials', 'x'],
      token: [elsewhere, 'x'],
    },
    weights: {
      ...Object.fromEntries(SLOW.map((operation) => [operation, 3])),
      // It ends every token, and so those that the requests are made with.
      'POST /admin/keys/revoke': 0,
      // Who is deleted first is never changed.
      'DELETE /admin/clients/{client_id}': 1,
      'DELETE /admin/users/{sub}': 1,
    },
  };
}
