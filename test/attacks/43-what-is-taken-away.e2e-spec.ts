import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  administrationBy,
  CLIENT_MANAGER,
  EVERYTHING,
  ROOT,
  startAdministered,
  type AdminApi,
} from '../support/admin-api.js';
import { administerClient, newClient, newUserLike } from '../support/administration.js';
import { ALICE, API } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectActive, expectInactive, expectProblem } from '../support/expectations.js';
import { expectSession } from '../support/sessions.js';
import type { Stack } from '../support/stack.js';

const PASSWORD = 'lantern mortal crisp tray';

describeEachDatabase('What is taken away is gone, and what must stay stays', (dialect) => {
  let stack: Stack;
  let root: AdminApi;

  beforeAll(async () => {
    stack = await startAdministered(dialect);
    root = await administrationBy(stack, ROOT, EVERYTHING);
  });

  afterAll(() => stack.stop());

  it('an audience that a client has lost is gone from its tokens at once', async () => {
    const client = await newClient(stack);
    const { access_token: token } = expectSession(await stack.login(ALICE, {}, client));
    expectActive(await stack.introspect(token));
    await administerClient(stack, client.clientId).update(() => ({
      audience: ['https://elsewhere.example.com/'],
    }));
    expectInactive(await stack.introspect(token));
  });

  it('groups that a user has lost are gone from what is told of tokens', async () => {
    const owner = await newUserLike(stack, ALICE);
    const { access_token: token } = expectSession(await stack.login(owner));
    const { sub } = expectActive(await stack.introspect(token));
    await root.patch(`/users/${sub}`, { groups: ['staff'] });
    expect(expectActive(await stack.introspect(token))).toMatchObject({ groups: ['staff'] });
    await root.patch(`/users/${sub}`, { groups: [] });
    expect(expectActive(await stack.introspect(token))).not.toHaveProperty('groups');
  });

  it('the sub of a deleted user is given to nobody, nor is a name of the server itself', async () => {
    const owner = await newUserLike(stack, ALICE);
    const { access_token: token } = expectSession(await stack.login(owner));
    const { sub } = expectActive(await stack.introspect(token));
    expect((await root.delete(`/users/${sub}`)).status).toBe(204);
    for (const taken of [sub, 'bootstrap', 'configuration']) {
      const user = { username: 'impostor', password: PASSWORD, sub: taken };
      expectProblem(await root.post('/users', user), 409, 'conflict', ['sub']);
      expectProblem(await root.post('/clients', { client_id: taken }), 409, 'conflict', ['client_id']);
    }
  });

  it('nobody ends the logins of one who is more powerful', async () => {
    await administrationBy(stack, CLIENT_MANAGER, 'admin:clients');
    const logins = await administrationBy(stack, ROOT, 'admin:authorizations');
    const list = `/authorizations?client_id=${CLIENT_MANAGER.clientId}&include_client_credentials=true`;
    const { data } = (await logins.get(list)).json as { data: { id: string }[] };
    expect(data.length).toBeGreaterThan(0);
    expectProblem(await logins.delete(`/authorizations/${data[0]?.id}`), 403, 'insufficient_scope');
    const all = { client_id: CLIENT_MANAGER.clientId };
    expectProblem(await logins.post('/authorizations/revoke', all), 403, 'insufficient_scope');
  });

  it('the last administrator of clients stays', async () => {
    expect((await root.delete(`/clients/${CLIENT_MANAGER.clientId}`)).status).toBe(204);
    const path = `/clients/${ROOT.clientId}`;
    expectProblem(await root.post(`${path}/disable`), 409, 'conflict');
    expectProblem(await root.patch(path, { scope: null, grant_types: [], audience: [API] }), 409, 'conflict');
    expectProblem(await root.delete(path), 409, 'conflict');
  });
});
