import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  administrationBy,
  EVERYTHING,
  ROOT,
  startAdministered,
  type AdminApi,
} from '../support/admin-api.js';
import { describeEachDatabase } from '../support/databases.js';
import type { Stack } from '../support/stack.js';

const PASSWORD = 'lantern mortal crisp tray';

interface Event {
  kind: string;
  detail: { changes?: { field: string; from: unknown; to: unknown }[] } & Record<string, unknown>;
}

/** "Giving a client `admin:clients` looks like a new name": every change says what changed. */
describeEachDatabase('What the audit log keeps of changes', (dialect) => {
  let stack: Stack;
  let admin: AdminApi;

  beforeAll(async () => {
    stack = await startAdministered(dialect);
    admin = await administrationBy(stack, ROOT, EVERYTHING);
  });

  afterAll(() => stack.stop());

  /** The newest event of a kind. */
  const newest = async (kind: string): Promise<Event> => {
    const { json } = await admin.get(`/audit-events?kind=${kind}&limit=1`);
    const [event] = (json as { data: Event[] }).data;
    if (event === undefined) throw new Error(`There is no event ${kind}`);
    return event;
  };

  const changesOf = async (kind: string) => (await newest(kind)).detail.changes;

  const register = async (client: Record<string, unknown>): Promise<string> => {
    const { status, json } = await admin.post('/clients', { audience: [stack.issuer], ...client });
    expect(status).toBe(201);
    return (json as { client_secret: string }).client_secret;
  };

  it('a new client: all that is registered, and no secret', async () => {
    const secret = await register({ client_id: 'made', grant_types: ['client_credentials'] });
    const event = await newest('client_created');
    expect(event.detail.changes).toEqual(
      expect.arrayContaining([
        { field: 'client_name', from: null, to: 'made' },
        { field: 'grant_types', from: null, to: ['client_credentials'] },
        { field: 'audience', from: null, to: [stack.issuer] },
        { field: 'enabled', from: null, to: true },
      ]),
    );
    const rows = await admin.get('/audit-events?limit=200');
    expect(rows.text).not.toContain(secret);
    expect(rows.text).not.toContain('$sha256$');
  });

  it('a client that gets administrative power: which, and what it had before', async () => {
    await register({ client_id: 'risen', grant_types: ['client_credentials'] });
    await admin.patch('/clients/risen', { scope: 'admin:clients' });
    expect(await changesOf('client_updated')).toEqual([{ field: 'scope', from: null, to: 'admin:clients' }]);
    await admin.patch('/clients/risen', { client_name: 'Risen' });
    expect(await changesOf('client_updated')).toEqual([{ field: 'client_name', from: 'risen', to: 'Risen' }]);
    await admin.put('/scopes/admin:users/clients/risen');
    expect(await changesOf('client_updated')).toEqual([
      { field: 'scope', from: 'admin:clients', to: 'admin:clients admin:users' },
    ]);
  });

  it('a client that is deleted: what it was', async () => {
    await register({ client_id: 'gone', grant_types: ['client_credentials'], scope: 'admin:audit' });
    await admin.delete('/clients/gone');
    expect(await changesOf('client_deleted')).toContainEqual({
      field: 'scope',
      from: 'admin:audit',
      to: null,
    });
  });

  it('secrets: which, and until when', async () => {
    await register({ client_id: 'kept', grant_types: ['client_credentials'] });
    const expires = '2100-01-01T00:00:00.000Z';
    const { json } = await admin.post('/clients/kept/secrets', {
      expires_at: expires,
      expire_others_at: expires,
    });
    const { id } = json as { id: string };
    expect((await newest('client_secret_added')).detail).toEqual({
      secret_id: id,
      expires_at: expires,
      expire_others_at: expires,
    });
    await admin.delete(`/clients/kept/secrets/${id}`);
    expect((await newest('client_secret_removed')).detail).toEqual({ secret_id: id });
  });

  it('users: attributes before and after, and never a password', async () => {
    const { json } = await admin.post('/users', {
      username: 'ursula',
      password: PASSWORD,
      groups: ['staff'],
    });
    const path = `/users/${(json as { sub: string }).sub}`;
    expect(await changesOf('user_created')).toEqual([
      { field: 'username', from: null, to: 'ursula' },
      { field: 'groups', from: null, to: ['staff'] },
      { field: 'password_change_required', from: null, to: false },
      { field: 'enabled', from: null, to: true },
    ]);
    await admin.patch(path, { groups: ['staff', 'admins'], allowed_scope: 'resources:read' });
    expect(await changesOf('user_updated')).toEqual([
      { field: 'groups', from: ['staff'], to: ['staff', 'admins'] },
      { field: 'allowed_scope', from: null, to: 'resources:read' },
    ]);
    await admin.patch(path, { password_change_required: true });
    expect(await changesOf('user_updated')).toEqual([
      { field: 'password_change_required', from: false, to: true },
    ]);
    await admin.put(`${path}/password`, { password: `${PASSWORD}s`, password_change_required: true });
    expect((await newest('password_changed')).detail).toEqual({ password_change_required: true });
    await admin.post(`${path}/unlock`, { address: '203.0.113.7' });
    expect((await newest('user_unlocked')).detail).toEqual({ address: '203.0.113.7' });
    await admin.delete(path);
    expect(await changesOf('user_deleted')).toContainEqual({
      field: 'groups',
      from: ['staff', 'admins'],
      to: null,
    });
    const rows = await admin.get('/audit-events?limit=200');
    expect(rows.text).not.toContain(PASSWORD);
    expect(rows.text).not.toContain('argon2');
  });

  it('scopes: their descriptions', async () => {
    await admin.post('/scopes', { name: 'reports:read', description: 'Read reports' });
    expect(await changesOf('scope_created')).toEqual([
      { field: 'description', from: null, to: 'Read reports' },
    ]);
    await admin.put('/scopes/reports:read', { description: 'Read all reports' });
    expect(await newest('scope_updated')).toMatchObject({
      detail: {
        scope: 'reports:read',
        changes: [{ field: 'description', from: 'Read reports', to: 'Read all reports' }],
      },
    });
  });
});
