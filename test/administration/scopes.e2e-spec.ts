import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ALICE, SHOP } from '../support/builders.js';
import {
  administrationBy,
  EVERYTHING,
  ROOT,
  startAdministered,
  type AdminApi,
} from '../support/admin-api.js';
import { limitUser } from '../support/administration.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectProblem, expectTokens } from '../support/expectations.js';
import type { Stack } from '../support/stack.js';

describeEachDatabase('Administration of scopes', (dialect) => {
  let stack: Stack;
  let admin: AdminApi;

  beforeAll(async () => {
    stack = await startAdministered(dialect);
    admin = await administrationBy(stack, ROOT, EVERYTHING);
  });

  afterAll(() => stack.stop());

  it('creates, lists, describes and deletes one', async () => {
    const answer = await admin.post('/scopes', { name: 'orders:read', description: 'Read orders' });
    expect(answer.status).toBe(201);
    expect(answer.headers.location).toBe('/admin/scopes/orders%3Aread');
    expect((await admin.put('/scopes/orders:read', { description: 'See orders' })).json).toEqual({
      name: 'orders:read',
      description: 'See orders',
      built_in: false,
    });
    const list = await admin.get('/scopes?prefix=orders&limit=1');
    expect(list.json).toEqual({
      data: [{ name: 'orders:read', description: 'See orders', built_in: false }],
      next_cursor: null,
    });
    expect((await admin.delete('/scopes/orders:read')).status).toBe(204);
    expectProblem(await admin.get('/scopes/orders:read'), 404, 'not_found');
    expectProblem(await admin.delete('/scopes/orders:read'), 404, 'not_found');
    expectProblem(await admin.put('/scopes/orders:read', { description: '' }), 404, 'not_found');
  });

  it('lists all of them page by page, in one order', async () => {
    const names: string[] = [];
    for (let cursor = ''; ;) {
      const { data, next_cursor: next } = (await admin.get(`/scopes?limit=4${cursor}`)).json as {
        data: { name: string }[];
        next_cursor: string | null;
      };
      names.push(...data.map(({ name }) => name));
      if (next === null) break;
      cursor = `&cursor=${next}`;
    }
    expect(names).toEqual([...new Set(names)].sort());
    expect(names).toContain('admin:users:read');
    expect(names).toContain('resources:write');
  });

  it('refuses what no scope can be, and what is there already', async () => {
    for (const name of ['', 'a b', 'ä', '"', 'x'.repeat(256), 'admin:everything']) {
      expectProblem(await admin.post('/scopes', { name }), 400, 'invalid_request', ['name']);
    }
    expectProblem(await admin.post('/scopes', { name: 'resources:read' }), 409, 'conflict', ['name']);
    expectProblem(await admin.post('/scopes', { name: 'x', description: 'NUL \0' }), 400, 'invalid_request', [
      'description',
    ]);
  });

  it('leaves the scopes of the server itself alone', async () => {
    for (const name of ['admin:keys', 'account']) {
      expectProblem(await admin.delete(`/scopes/${name}`), 409, 'conflict');
      expectProblem(await admin.put(`/scopes/${name}`, { description: 'Mine' }), 409, 'conflict');
    }
  });

  it('does not delete a scope that a client or a user has, and names them', async () => {
    await admin.post('/scopes', { name: 'used' });
    await admin.put(`/scopes/used/clients/${SHOP.clientId}`);
    await limitUser(stack, ALICE.username, 'used resources:read');
    const answer = await admin.delete('/scopes/used');
    expectProblem(answer, 409, 'in_use');
    expect(answer.json).toMatchObject({ used_by: { clients: [SHOP.clientId], users: [ALICE.username] } });
    await admin.delete(`/scopes/used/clients/${SHOP.clientId}`);
    await limitUser(stack, ALICE.username, null);
    expect((await admin.delete('/scopes/used')).status).toBe(204);
  });

  it('associates scopes with clients, seen from both sides', async () => {
    await admin.post('/scopes', { name: 'reports' });
    const path = `/scopes/reports/clients/${SHOP.clientId}`;
    expectProblem(await admin.get(path), 404, 'not_found');
    expectProblem(await admin.delete(path), 404, 'not_found');
    expectOAuthError(await stack.login(ALICE, { scope: 'reports' }), 400, 'invalid_scope');
    expect((await admin.put(path)).status).toBe(204);
    expect((await admin.put(path)).status).toBe(204);
    expect((await admin.get(path)).json).toMatchObject({ client_id: SHOP.clientId, enabled: true });
    expect((await admin.get('/scopes/reports/clients')).json).toMatchObject({
      data: [{ client_id: SHOP.clientId }],
      next_cursor: null,
    });
    expect((await admin.get(`/clients/${SHOP.clientId}`)).json).toMatchObject({
      scope: 'resources:read resources:write reports',
    });
    expectTokens(await stack.login(ALICE, { scope: 'reports' }));
    expect((await admin.patch(`/clients/${SHOP.clientId}`, { default_scope: 'reports' })).status).toBe(200);
    expect((await admin.delete(path)).status).toBe(204);
    expect((await admin.get(`/clients/${SHOP.clientId}`)).json).toMatchObject({
      scope: 'resources:read resources:write',
      default_scope: null,
    });
    expectProblem(await admin.put('/scopes/nowhere/clients/shop-backend'), 404, 'not_found');
    expectProblem(await admin.put('/scopes/reports/clients/nobody'), 404, 'not_found');
  });
});
