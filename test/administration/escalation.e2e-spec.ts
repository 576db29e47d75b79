import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { API } from '../support/builders.js';
import {
  AdminApi,
  administrationBy,
  CLIENT_MANAGER,
  EVERYTHING,
  ROOT,
  startAdministered,
} from '../support/admin-api.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectProblem, expectTokens } from '../support/expectations.js';
import type { Stack } from '../support/stack.js';

const BOOTSTRAP = { clientId: 'bootstrap-client', secret: 'bootstrap-secret-0123456789abcdefghijkl' };

let names = 0;

/** Every way in which a client manager (`admin:clients` and nothing else) could become more powerful. */
describeEachDatabase('A client manager gets no power that it does not have', (dialect) => {
  let stack: Stack;
  let root: AdminApi;
  let manager: AdminApi;
  /** A client without power. */
  let plain: string;
  /** A client with `admin:users`, which the manager does not have. */
  let powerful: string;

  beforeAll(async () => {
    stack = await startAdministered(dialect, {
      environment: {
        LATCHKEY_BOOTSTRAP_CLIENT_ID: BOOTSTRAP.clientId,
        LATCHKEY_BOOTSTRAP_CLIENT_SECRET: BOOTSTRAP.secret,
      },
    });
    root = await administrationBy(stack, ROOT, EVERYTHING);
  });

  afterAll(() => stack.stop());

  beforeEach(async () => {
    manager = await administrationBy(stack, CLIENT_MANAGER, 'admin:clients');
    plain = await created(manager, { scope: 'resources:read' });
    powerful = await created(root, { scope: 'admin:users' });
  });

  const created = async (api: AdminApi, changes: object): Promise<string> => {
    const clientId = `client-${++names}`;
    const answer = await api.post('/clients', {
      client_id: clientId,
      grant_types: ['client_credentials'],
      audience: [API],
      ...changes,
    });
    expect({ status: answer.status, body: answer.text }).toMatchObject({ status: 201 });
    return clientId;
  };

  const tagOf = async (clientId: string) => String((await root.get(`/clients/${clientId}`)).headers.etag);

  const unchanged = async (clientId: string, act: () => Promise<void>): Promise<void> => {
    const read = async () => [
      (await root.get(`/clients/${clientId}`)).text,
      (await root.get(`/clients/${clientId}/secrets`)).text,
    ];
    const before = await read();
    await act();
    expect(await read()).toEqual(before);
  };

  it('by making a client with an administrative scope', async () => {
    const client = { client_id: 'mine', grant_types: ['client_credentials'], audience: [API] };
    for (const scope of ['admin:users', 'admin:keys:read', 'resources:read admin:audit', EVERYTHING]) {
      expectProblem(await manager.post('/clients', { ...client, scope }), 403, 'insufficient_scope');
    }
    const refused = await manager.post('/clients', { ...client, scope: 'admin:clients admin:keys' });
    expect(refused.headers['www-authenticate']).toContain('scope="admin:keys"');
    expectProblem(await manager.get('/clients/mine'), 404, 'not_found');
  });

  it('by making a client that is disabled, or without a grant, and has the scope', async () => {
    const client = { client_id: 'sleeper', scope: 'admin:users', audience: [API] };
    for (const changes of [
      { grant_types: ['client_credentials'], enabled: false },
      { grant_types: [] },
      { client_type: 'public' },
    ]) {
      expectProblem(await manager.post('/clients', { ...client, ...changes }), 403, 'insufficient_scope');
    }
    expectProblem(await manager.get('/clients/sleeper'), 404, 'not_found');
  });

  it('by adding a scope to itself or to another client', async () => {
    for (const clientId of [CLIENT_MANAGER.clientId, plain]) {
      await unchanged(clientId, async () => {
        const scope = 'admin:clients admin:users';
        const changes = { grant_types: ['client_credentials'], audience: [API], scope };
        expectProblem(await manager.patch(`/clients/${clientId}`, { scope }), 403, 'insufficient_scope');
        expectProblem(
          await manager.put(`/clients/${clientId}`, changes, await tagOf(clientId)),
          403,
          'insufficient_scope',
        );
        expectProblem(
          await manager.put(`/scopes/admin:users/clients/${clientId}`),
          403,
          'insufficient_scope',
        );
      });
    }
  });

  it('by the scope’s side of an association, as a scope manager', async () => {
    await root.post('/clients', {
      client_id: `scope-manager-${dialect}`,
      client_secret: ROOT.secret,
      grant_types: ['client_credentials'],
      scope: 'admin:scopes',
      audience: [API],
    });
    const scopes = await administrationBy(
      stack,
      { clientId: `scope-manager-${dialect}`, secret: ROOT.secret },
      'admin:scopes',
    );
    for (const path of [
      `/scopes/admin:keys/clients/scope-manager-${dialect}`,
      `/scopes/admin:clients/clients/${plain}`,
      `/scopes/resources:read/clients/${powerful}`,
    ]) {
      expectProblem(await scopes.put(path), 403, 'insufficient_scope');
    }
    expectProblem(await scopes.delete(`/scopes/admin:users/clients/${powerful}`), 403, 'insufficient_scope');
    expect((await scopes.put(`/scopes/resources:write/clients/${plain}`)).status).toBe(204);
  });

  it('by a secret of a client that is more powerful', async () => {
    for (const clientId of [powerful, ROOT.clientId]) {
      await unchanged(clientId, async () => {
        const path = `/clients/${clientId}/secrets`;
        expectProblem(await manager.post(path), 403, 'insufficient_scope');
        expectProblem(await manager.post(path, { client_secret: 'x'.repeat(32) }), 403, 'insufficient_scope');
        const { data } = (await manager.get(path)).json as { data: { id: string }[] };
        expectProblem(await manager.delete(`${path}/${data[0]?.id}`), 403, 'insufficient_scope');
      });
    }
  });

  it('by disabling, enabling, deleting or changing a client that is more powerful', async () => {
    await unchanged(powerful, async () => {
      const path = `/clients/${powerful}`;
      expectProblem(await manager.post(`${path}/disable`), 403, 'insufficient_scope');
      expectProblem(await manager.post(`${path}/enable`), 403, 'insufficient_scope');
      expectProblem(await manager.delete(path), 403, 'insufficient_scope');
      for (const changes of [
        { client_type: 'public', grant_types: [], scope: null },
        { scope: 'resources:read' },
        { audience: ['https://elsewhere.example.com'] },
        { may_introspect: true },
        { client_name: 'Harmless' },
      ]) {
        expectProblem(await manager.patch(path, changes), 403, 'insufficient_scope');
      }
    });
  });

  it('by ending the logins of a client that is more powerful', async () => {
    const secret = ((await root.post(`/clients/${powerful}/secrets`)).json as { client_secret: string })
      .client_secret;
    const asked = { grant_type: 'client_credentials', scope: 'admin:users' };
    const { access_token: token } = expectTokens(await stack.token(asked, { clientId: powerful, secret }));
    const logins = await administrationBy(stack, ROOT, 'admin:authorizations');
    const list = `/authorizations?client_id=${powerful}&include_client_credentials=true`;
    const [login] = ((await logins.get(list)).json as { data: { id: string }[] }).data;
    const path = `/authorizations/${login?.id}`;
    expectProblem(await logins.delete(path), 403, 'insufficient_scope');
    const all = { client_id: powerful };
    expectProblem(await logins.post('/authorizations/revoke', all), 403, 'insufficient_scope');
    const users = new AdminApi(stack.issuer, token);
    expect((await users.get('/users?limit=1')).status).toBe(200);
    expect((await root.delete(path)).status).toBe(204);
    expect((await users.get('/users?limit=1')).status).toBe(401);
    expect((await root.post('/authorizations/revoke', all)).status).toBe(204);
  });

  it('by taking the name of a powerful client that is gone', async () => {
    expect((await root.delete(`/clients/${powerful}`)).status).toBe(204);
    const answer = await manager.post('/clients', { client_id: powerful, scope: 'resources:read' });
    expect(answer.status).toBe(201);
    const { client_secret: secret } = answer.json as { client_secret: string };
    const form = { grant_type: 'client_credentials', scope: 'admin:users' };
    expectOAuthError(await stack.token(form, { clientId: powerful, secret }), 400, 'unauthorized_client');
  });

  it('by the bootstrap client', async () => {
    await unchanged(BOOTSTRAP.clientId, async () => {
      const path = `/clients/${BOOTSTRAP.clientId}`;
      expectProblem(await manager.post(`${path}/secrets`), 403, 'insufficient_scope');
      expectProblem(await manager.post(`${path}/disable`), 403, 'insufficient_scope');
      // Else it would come again at the next start, with what the environment says.
      expectProblem(await manager.delete(path), 403, 'insufficient_scope');
      expectProblem(await manager.patch(path, { scope: 'admin:clients' }), 403, 'insufficient_scope');
      const again = { client_id: BOOTSTRAP.clientId, scope: 'admin:clients' };
      const changes = { grant_types: ['client_credentials'], audience: [API] };
      expectProblem(await manager.post('/clients', { ...again, ...changes }), 409, 'conflict', ['client_id']);
    });
  });

  it('by what a client that may introspect, or has another audience, can do', async () => {
    const answer = await manager.post('/clients', {
      client_id: `insider-${dialect}`,
      grant_types: ['client_credentials', 'password'],
      scope: 'resources:read account',
      audience: [stack.issuer],
      may_introspect: true,
    });
    const { client_secret: secret } = answer.json as { client_secret: string };
    const insider = { clientId: `insider-${dialect}`, secret };
    const tokens = expectTokens(
      await stack.token({ grant_type: 'client_credentials', scope: 'resources:read' }, insider),
    );
    const api = new AdminApi(stack.issuer, tokens.access_token);
    for (const path of ['/clients', '/scopes']) expectProblem(await api.get(path), 403, 'insufficient_scope');
  });

  it('by a token that asks for less than its client has: what the token holds counts', async () => {
    const narrow = await administrationBy(stack, ROOT, 'admin:clients');
    expectProblem(await narrow.post(`/clients/${powerful}/secrets`), 403, 'insufficient_scope');
    const client = { client_id: 'mine', grant_types: ['client_credentials'], audience: [API] };
    expectProblem(
      await narrow.post('/clients', { ...client, scope: 'admin:users' }),
      403,
      'insufficient_scope',
    );
  });

  it('and may give what it has, or a part of it', async () => {
    for (const scope of ['admin:clients', 'admin:clients:read']) {
      const clientId = await created(manager, { scope });
      expect((await manager.post(`/clients/${clientId}/secrets`)).status).toBe(201);
      expect((await manager.delete(`/clients/${clientId}`)).status).toBe(204);
    }
  });
});
