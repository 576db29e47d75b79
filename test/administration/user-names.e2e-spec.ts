import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ConfigurationApplier } from '../../apps/authorization-server/src/provisioning/configuration-applier.js';
import {
  administrationBy,
  EVERYTHING,
  ROOT,
  startAdministered,
  type AdminApi,
} from '../support/admin-api.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectProblem, expectTokens } from '../support/expectations.js';
import { isActive } from '../support/sessions.js';
import type { Stack } from '../support/stack.js';

const PASSWORD = 'lantern mortal crisp tray';

let names = 0;

describeEachDatabase('Names of users', (dialect) => {
  let stack: Stack;
  let admin: AdminApi;

  beforeAll(async () => {
    stack = await startAdministered(dialect);
    admin = await administrationBy(stack, ROOT, EVERYTHING);
  });

  afterAll(() => stack.stop());

  const create = async () => {
    const username = `name-${++names}`;
    const answer = await admin.post('/users', { username, password: PASSWORD });
    expect(answer.status).toBe(201);
    const { sub } = answer.json as { sub: string };
    return { username, sub, path: `/users/${sub}` };
  };
  const login = (username: string) => stack.login({ username, password: PASSWORD });
  const introspected = async (token: string) =>
    (await stack.introspect(token)).json as { sub: string; username: string; active: boolean };

  it('change while sub and sessions stay', async () => {
    const { username, sub, path } = await create();
    const tokens = expectTokens(await login(username));
    const next = `${username}-married`;
    const renamed = await admin.patch(path, { username: next.toUpperCase() });
    expect({ status: renamed.status, body: renamed.json }).toMatchObject({
      status: 200,
      body: { sub, username: next },
    });
    expect(await isActive(stack, tokens)).toBe(true);
    expect(await introspected(tokens.access_token)).toMatchObject({ active: true, sub, username: next });
    const refreshed = expectTokens(await stack.refresh(tokens.refresh_token ?? ''));
    expect(await introspected(refreshed.access_token)).toMatchObject({ sub, username: next });
    expectOAuthError(await login(username), 400, 'invalid_grant');
    const again = expectTokens(await login(next));
    expect((await introspected(again.access_token)).sub).toBe(sub);
  });

  it('leave a line with both names in the audit log', async () => {
    const { username, sub, path } = await create();
    await admin.patch(path, { username: `${username}-2` });
    const { data } = (await admin.get(`/audit-events?subject=${sub}&kind=user_updated`)).json as {
      data: { detail: unknown }[];
    };
    expect(data.map(({ detail }) => detail)).toEqual([
      { changes: [{ field: 'username', from: username, to: `${username}-2` }] },
    ]);
  });

  it('are refused when another user has it, as a name or as a sub, and nothing else of the request is done', async () => {
    const first = await create();
    const { username, path } = await create();
    const conflict = async (name: string) =>
      expectProblem(await admin.patch(path, { username: name, groups: ['changed'] }), 409, 'conflict', [
        'username',
      ]);
    await conflict(first.username);
    await conflict(first.sub);
    expect((await admin.get(path)).json).toMatchObject({ username, groups: [] });
    expectTokens(await login(username));
  });

  it.each(['', 'a b', 'x'.repeat(256), null, 17])(
    'are refused when nobody can have them: %j',
    async (name) => {
      const { path } = await create();
      expectProblem(await admin.patch(path, { username: name }), 400, 'invalid_request', ['username']);
    },
  );

  it('may be written in another way, and stay what they are', async () => {
    const { username, path } = await create();
    expect((await admin.patch(path, { username: username.toUpperCase() })).json).toMatchObject({ username });
  });

  it('are free once they are given up, in both directions', async () => {
    const { username, sub, path } = await create();
    await admin.patch(path, { username: `${username}-b` });
    const other = await admin.post('/users', { username, password: PASSWORD });
    expect(other.status).toBe(201);
    expect((other.json as { sub: string }).sub).not.toBe(sub);
    expect((await admin.patch(path, { username: `${username}-c` })).status).toBe(200);
    expect((await admin.patch(path, { username: `${username}-b` })).status).toBe(200);
    expectTokens(await login(`${username}-b`));
  });

  it('go to one of two who want the same one at once', async () => {
    const users = await Promise.all(Array.from({ length: 6 }, create));
    const wanted = `wanted-${++names}`;
    const answers = await Promise.all([
      ...users.map(({ path }) => admin.patch(path, { username: wanted })),
      admin.post('/users', { username: wanted, password: PASSWORD }),
    ]);
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status < 300)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(6);
  });

  it('may be given again once their user is deleted, and a sub never', async () => {
    const { username, sub, path } = await create();
    expect((await admin.delete(path)).status).toBe(204);
    const again = await admin.post('/users', { username, password: PASSWORD });
    expect((again.json as { sub: string }).sub).not.toBe(sub);
    const impostor = { username: `impostor-${++names}`, password: PASSWORD, sub };
    const refused = await admin.post('/users', impostor);
    expectProblem(refused, 409, 'conflict', ['sub']);
    expect(refused.text).toContain('was deleted');
    expectProblem(await admin.post('/users/import', { users: [impostor] }), 409, 'conflict', [
      'users[0].sub',
    ]);
    expectProblem(await admin.post('/clients', { client_id: sub }), 409, 'conflict', ['client_id']);
    const applier = stack.application.get(ConfigurationApplier, { strict: false });
    const text = JSON.stringify({ users: [impostor] });
    await expect(applier.apply({ text, source: 'users.json' })).rejects.toThrow(/sub: .* was deleted/);
  });

  it('are never those of a client that was deleted, nor of the server itself', async () => {
    const clientId = `gone-${++names}`;
    expect((await admin.post('/clients', { client_id: clientId })).status).toBe(201);
    expect((await admin.delete(`/clients/${clientId}`)).status).toBe(204);
    for (const sub of [clientId, 'bootstrap', 'configuration']) {
      const user = { username: `somebody-${++names}`, password: PASSWORD, sub };
      expectProblem(await admin.post('/users', user), 409, 'conflict', ['sub']);
    }
    for (const id of ['bootstrap', 'configuration']) {
      expectProblem(await admin.post('/clients', { client_id: id }), 409, 'conflict', ['client_id']);
    }
    // The same client may come back.
    expect((await admin.post('/clients', { client_id: clientId })).status).toBe(201);
  });

  it('are not brought back by a configuration file that still has the old one', async () => {
    const { username, sub, path } = await create();
    await admin.patch(path, { username: `${username}-new` });
    const text = JSON.stringify({ users: [{ username, sub, password: PASSWORD }] });
    const applier = stack.application.get(ConfigurationApplier, { strict: false });
    const changes = await applier.apply({ text, source: 'users.json' });
    expect(changes).toEqual([expect.objectContaining({ name: username })]);
    expect((await admin.get(`/users?username=${username}`)).json).toMatchObject({ data: [] });
  });

  it('are shown with the time of the last login', async () => {
    const { username, path } = await create();
    const lastLogin = async () =>
      ((await admin.get(path)).json as { last_login_at: string | null }).last_login_at;
    const listed = async () => (await admin.get(`/users?username=${username}`)).json;
    expect(await lastLogin()).toBeNull();
    expect(await listed()).toMatchObject({ data: [{ last_login_at: null }] });
    const before = new Date().toISOString();
    expectTokens(await login(username));
    const at = await lastLogin();
    expect(at! >= before && at! <= new Date().toISOString()).toBe(true);
    expect(await listed()).toMatchObject({ data: [{ last_login_at: at }] });
    await stack.login({ username, password: 'a wrong password here' });
    expect(await lastLogin()).toBe(at);
  });
});
