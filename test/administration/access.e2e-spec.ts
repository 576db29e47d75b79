import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { applicationRoutes } from '@latchkey/platform/openapi';
import type { Dispatcher } from 'undici';
import { aClient, ALICE } from '../support/builders.js';
import {
  AdminApi,
  administrationBy,
  anAdministeredConfiguration,
  CLIENT_MANAGER,
  EVERYTHING,
  ROOT,
} from '../support/admin-api.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectProblem, expectTokens } from '../support/expectations.js';
import { startStack, type Stack } from '../support/stack.js';

const OWNERS = { clientId: 'owners', secret: 'owners-secret-0123456789abcdefghijklmno' };
const MACHINE = { clientId: 'machine', secret: 'machine-secret-0123456789abcdefghijklmn' };

interface Route {
  method: Dispatcher.HttpMethod;
  path: string;
}

describeEachDatabase('Access to the administration', (dialect) => {
  let stack: Stack;
  let routes: Route[];

  beforeAll(async () => {
    stack = await startStack(dialect, {
      configuration: (issuer) => {
        const configuration = anAdministeredConfiguration(issuer);
        const own = { audience: [issuer], scope: 'account', default_scope: 'account' };
        return {
          ...configuration,
          clients: [
            ...configuration.clients,
            aClient({ client_id: OWNERS.clientId, client_secret: OWNERS.secret, ...own }),
            aClient({
              client_id: MACHINE.clientId,
              client_secret: MACHINE.secret,
              grant_types: ['client_credentials'],
              ...own,
            }),
          ],
        };
      },
    });
    routes = administrativeRoutes(stack);
  });

  afterAll(() => stack.stop());

  const statuses = async (token: string | null): Promise<Record<string, string>> => {
    const api = new AdminApi(stack.issuer, token);
    const found: Record<string, string> = {};
    for (const { method, path } of routes) {
      const answer = await api.call(method, path);
      const challenge = String(answer.headers['www-authenticate']);
      const code =
        /error="(\w+)"/.exec(challenge)?.[1] ?? (challenge.startsWith('Bearer') ? 'challenged' : 'silent');
      found[`${method} ${path}`] = `${answer.status} ${code}`;
    }
    return found;
  };

  const all = (status: string): Record<string, string> =>
    Object.fromEntries(routes.map(({ method, path }) => [`${method} ${path}`, status]));

  it('is a set of routes that the application tells', () => {
    const areas = new Set(routes.map(({ path }) => path.split('/')[1]));
    expect([...areas].sort()).toEqual([
      'audit-events',
      'authorizations',
      'clients',
      'configuration',
      'groups',
      'keys',
      'password-grant-usage',
      'scopes',
      'second-factors',
      'users',
    ]);
    expect(routes).toContainEqual({ method: 'POST', path: '/clients' });
    expect(routes).toContainEqual({ method: 'DELETE', path: '/clients/x/secrets/x' });
  });

  it('is closed to requests without a token', async () => {
    expect(await statuses(null)).toEqual(all('401 challenged'));
  });

  it('is closed to tokens that are none, or for somebody else', async () => {
    expect(await statuses('eyJhbGciOiJub25lIn0.e30.')).toEqual(all('401 invalid_token'));
    const elsewhere = expectTokens(await stack.login(ALICE));
    expect(await statuses(elsewhere.access_token)).toEqual(all('401 invalid_token'));
  });

  it('is closed to resource owners', async () => {
    const tokens = expectTokens(await stack.login(ALICE, {}, OWNERS));
    expect(await statuses(tokens.access_token)).toEqual(all('403 insufficient_scope'));
  });

  it('is closed to clients without the scope', async () => {
    const tokens = expectTokens(await stack.token({ grant_type: 'client_credentials' }, MACHINE));
    expect(await statuses(tokens.access_token)).toEqual(all('403 insufficient_scope'));
  });

  it('opens one area at a time, and only its reading half to those who may read', async () => {
    const areaOf = (path: string) => AREAS[path.replace('/configuration/', '/').split('/')[1] ?? ''];
    for (const area of new Set(Object.values(AREAS))) {
      const full = await administrationBy(stack, ROOT, `admin:${area}`);
      const reading = await readerOf(stack, area);
      for (const { method, path } of routes) {
        const own = areaOf(path) === area;
        const reads = method === 'GET' || method === 'HEAD';
        const forbidden = { method, path, forbidden: true };
        const allowed = { method, path, forbidden: false };
        const tried = async (api: AdminApi) => ({
          method,
          path,
          // A body that is none reaches the controller and changes nothing.
          forbidden: (await api.call(method, path, reads ? undefined : { nothing: 1 })).status === 403,
        });
        if (!own) expect(await tried(full)).toEqual(forbidden);
        if (!(own && reads)) expect(await tried(reading)).toEqual(forbidden);
        else expect(await tried(reading)).toEqual(allowed);
      }
    }
  });

  it('answers refusals with problem details and a challenge', async () => {
    expectProblem(await new AdminApi(stack.issuer, null).get('/clients'), 401, 'invalid_token');
    const manager = await administrationBy(stack, CLIENT_MANAGER, 'admin:clients');
    const refused = await manager.get('/scopes');
    expectProblem(refused, 403, 'insufficient_scope');
    expect(refused.headers['www-authenticate']).toContain('scope="admin:scopes:read"');
  });

  it.each(['/clients/%zz', '/users/%ff', `/scopes/${'x'.repeat(2000)}`])(
    'answers a path that cannot be decoded with problem details: %.20s',
    async (path) => {
      expectProblem(await new AdminApi(stack.issuer, null).get(path), 400, 'invalid_request');
    },
  );

  it('takes the power of a token back with the scope of its client', async () => {
    const root = await administrationBy(stack, ROOT, EVERYTHING);
    const manager = await administrationBy(stack, CLIENT_MANAGER, 'admin:clients');
    expect((await manager.get('/clients')).status).toBe(200);
    await root.patch(`/clients/${CLIENT_MANAGER.clientId}`, { scope: 'admin:clients:read' });
    expectProblem(await manager.get('/clients'), 401, 'invalid_token');
  });
});

const AREAS: Record<string, string> = {
  'audit-events': 'audit',
  authorizations: 'authorizations',
  clients: 'clients',
  groups: 'users',
  keys: 'keys',
  'password-grant-usage': 'clients',
  scopes: 'scopes',
  'second-factors': 'users',
  users: 'users',
};

/** A token that may only read an area: given by a client that has nothing else. */
async function readerOf(stack: Stack, area: string): Promise<AdminApi> {
  const root = await administrationBy(stack, ROOT, EVERYTHING);
  const clientId = `reader-of-${area}`;
  const answer = await root.post('/clients', {
    client_id: clientId,
    grant_types: ['client_credentials'],
    scope: `admin:${area}:read`,
    audience: [stack.issuer],
  });
  const { client_secret: secret } = answer.json as { client_secret: string };
  return administrationBy(stack, { clientId, secret }, `admin:${area}:read`);
}

/** Every route under `/admin` that the running application has; parameters are `x`. */
function administrativeRoutes({ application }: Stack): Route[] {
  return applicationRoutes(application)
    .filter(({ path }) => path.startsWith('/admin'))
    .flatMap(({ method, path }) =>
      (method === 'GET' ? [method, 'HEAD'] : [method]).map((name) => ({ method: name, path })),
    )
    .map(({ method, path }) => ({
      method,
      path: path.slice('/admin'.length).replace(/:\w+/g, 'x'),
    }));
}
