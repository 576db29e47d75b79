import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newId } from '@latchkey/platform/database';
import { API, SHOP } from '../support/builders.js';
import {
  administrationBy,
  EVERYTHING,
  ROOT,
  startAdministered,
  type AdminApi,
} from '../support/admin-api.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectProblem, expectTokens } from '../support/expectations.js';
import { api, type Answer } from '../support/http.js';
import { isActive } from '../support/sessions.js';
import type { Stack } from '../support/stack.js';

const PASSWORD = 'lantern mortal crisp tray';
const BCRYPT = '$2b$04$abcdefghijklmnopqrstuuPn6DhhM1j0FBTMqFgS2SVoRCGiSfg7W';

let names = 0;

describeEachDatabase('Administration of users', (dialect) => {
  let stack: Stack;
  let admin: AdminApi;

  beforeAll(async () => {
    stack = await startAdministered(dialect);
    admin = await administrationBy(stack, ROOT, EVERYTHING);
    await admin.patch(`/clients/${SHOP.clientId}`, {
      scope: 'account resources:read resources:write',
      audience: [API, stack.issuer],
    });
  });

  afterAll(() => stack.stop());

  const create = async (changes: object = {}) => {
    const username = `user-${++names}`;
    const answer = await admin.post('/users', { username, password: PASSWORD, ...changes });
    expect({ status: answer.status, body: answer.text }).toMatchObject({ status: 201 });
    const { sub } = answer.json as { sub: string };
    return { owner: { username, password: PASSWORD }, path: `/users/${sub}`, sub };
  };

  const namesOf = ({ json }: Answer): string[] =>
    (json as { data: { username: string }[] }).data.map(({ username }) => username);

  it('creates one who can log in, and shows no password or hash', async () => {
    const { owner, path, sub } = await create({ groups: ['staff'], allowed_scope: 'resources:read' });
    expect(expectTokens(await stack.login(owner)).scope).toBe('resources:read');
    const answer = await admin.get(path);
    expect(answer.json).toEqual({
      sub,
      username: owner.username,
      groups: ['staff'],
      allowed_scope: 'resources:read',
      second_factor: null,
      second_factor_from: null,
      has_second_factor: false,
      password_change_required: false,
      enabled: true,
      last_login_at: expect.stringMatching(/^\d{4}-/),
      created_at: expect.any(String),
      updated_at: expect.any(String),
      throttled: [],
    });
    expect(answer.text).not.toContain('argon2');
  });

  it('refuses passwords that are short, common or like the name, and hashes that nobody can verify', async () => {
    const refused = async (member: string, body: object) =>
      expectProblem(await admin.post('/users', { username: 'marguerite', ...body }), 400, 'invalid_request', [
        member,
      ]);
    await refused('password', { password: 'fourteen chars' });
    await refused('password', { password: 'marguerite12345' });
    await refused('password', { password: 'latchkey latchkey' });
    await refused('password', { password: 'x'.repeat(1025) });
    await refused('password', {});
    await refused('password', { password: PASSWORD, password_hash: BCRYPT });
    await refused('password_hash', { password_hash: 'plain' });
    await refused('allowed_scope', { password: PASSWORD, allowed_scope: 'nowhere' });
    await refused('username', { password: PASSWORD, username: 'a b' });
    const { owner, sub } = await create();
    const taken = { password: PASSWORD, username: owner.username.toUpperCase() };
    expectProblem(await admin.post('/users', taken), 409, 'conflict', ['username']);
    expectProblem(await admin.post('/users', { ...taken, username: 'other', sub }), 409, 'conflict', ['sub']);
  });

  it('gives nobody the sub of another user as a name, nor the name as a sub', async () => {
    const { owner, sub } = await create();
    const named = { password: PASSWORD, username: sub };
    expectProblem(await admin.post('/users', named), 409, 'conflict', ['username']);
    const identified = { password: PASSWORD, username: 'somebody-else', sub: owner.username };
    expectProblem(await admin.post('/users', identified), 409, 'conflict', ['sub']);
    // A user may have one text for both.
    const same = { password: PASSWORD, username: newId(), sub: newId() };
    expect((await admin.post('/users', { ...same, sub: same.username })).status).toBe(201);
  });

  it('changes groups and scopes, and lets no change undo one that it has not seen', async () => {
    const { path } = await create({ allowed_scope: 'resources:read' });
    const etag = String((await admin.get(path)).headers.etag);
    expect((await admin.patch(path, { groups: ['a'], allowed_scope: null }, etag)).json).toMatchObject({
      groups: ['a'],
      allowed_scope: null,
    });
    expectProblem(await admin.patch(path, { groups: [] }, etag), 412, 'changed_meanwhile');
    expectProblem(await admin.call('PATCH', path, {}), 428, 'precondition_required');
    expectProblem(await admin.patch(path, { sub: 'x' }), 400, 'invalid_request', ['sub']);
  });

  it('ends all sessions by disabling, by a new password and by deletion', async () => {
    const { owner, path } = await create();
    const first = expectTokens(await stack.login(owner));
    expect((await admin.post(`${path}/disable`)).json).toMatchObject({ enabled: false });
    expect(await isActive(stack, first)).toBe(false);
    await admin.post(`${path}/enable`);
    expect(await isActive(stack, first)).toBe(false);
    const second = expectTokens(await stack.login(owner));
    expect((await admin.put(`${path}/password`, { password: 'another lantern entirely' })).status).toBe(200);
    expect(await isActive(stack, second)).toBe(false);
    expectOAuthError(await stack.login(owner), 400, 'invalid_grant');
    expect((await admin.delete(path)).status).toBe(204);
    expectProblem(await admin.get(path), 404, 'not_found');
  });

  it('lets a password that must be changed open nothing but the way to change it', async () => {
    const { owner, path } = await create({ password_change_required: true });
    expectOAuthError(await stack.login(owner), 400, 'invalid_scope');
    const tokens = expectTokens(await stack.login(owner, { scope: 'account resources:read' }));
    expect(tokens.scope).toBe('account');
    const change = (next: string) =>
      api('PUT', `${stack.issuer}/account/password`, tokens.access_token, {
        current_password: PASSWORD,
        new_password: next,
      });
    expectOAuthError(await change(PASSWORD), 400, 'invalid_request');
    expectOAuthError(await change('short'), 400, 'invalid_request');
    expect((await change('a lantern of my own')).status).toBe(204);
    expectTokens(await stack.login({ ...owner, password: 'a lantern of my own' }));
    const session = expectTokens(await stack.login({ ...owner, password: 'a lantern of my own' }));
    expect((await admin.patch(path, { password_change_required: true })).status).toBe(200);
    expect(await isActive(stack, session)).toBe(false);
  });

  it('imports all users of a request or none', async () => {
    const users = [
      { username: 'imported-1', password_hash: BCRYPT },
      { username: 'imported-2', password: PASSWORD, groups: ['moved'] },
    ];
    const wrong = await admin.post('/users/import', {
      users: [...users, { username: 'imported-1', password_hash: 'x' }],
    });
    expectProblem(wrong, 400, 'invalid_request', ['users[2].password_hash']);
    const twice = await admin.post('/users/import', { users: [...users, users[0]] });
    expectProblem(twice, 409, 'conflict', ['users[2].username']);
    expect(namesOf(await admin.get('/users?prefix=imported-'))).toEqual([]);
    expect((await admin.post('/users/import', { users })).json).toEqual({ imported: 2 });
    expect(namesOf(await admin.get('/users?prefix=imported-'))).toEqual(['imported-1', 'imported-2']);
    expectTokens(await stack.login({ username: 'imported-2', password: PASSWORD }));
  });

  it('lists by name, filtered, page by page', async () => {
    for (const group of ['x', 'x"y', 'x']) await create({ groups: [group] });
    expect(namesOf(await admin.get('/users?group=x&limit=1'))).toHaveLength(1);
    expect(namesOf(await admin.get('/users?group=x'))).toHaveLength(2);
    expect(namesOf(await admin.get('/users?username=ALICE'))).toEqual(['alice']);
    expect(namesOf(await admin.get('/users?username=alice&enabled=false'))).toEqual([]);
    const seen: string[] = [];
    for (let cursor = ''; ;) {
      const answer = await admin.get(`/users?limit=3${cursor}`);
      seen.push(...namesOf(answer));
      const { next_cursor: next } = answer.json as { next_cursor: string | null };
      if (next === null) break;
      cursor = `&cursor=${next}`;
    }
    expect(seen).toEqual([...new Set(seen)].sort());
    expect(seen).toContain('alice');
  });

  it('forgets failed logins', async () => {
    const { path } = await create();
    expect((await admin.post(`${path}/unlock`)).status).toBe(200);
    expect((await admin.post(`${path}/unlock`, { address: '203.0.113.5' })).status).toBe(200);
    expectProblem(await admin.post(`${path}/unlock`, { address: 'here' }), 400, 'invalid_request', [
      'address',
    ]);
    expectProblem(await admin.post('/users/nobody/unlock'), 404, 'not_found');
  });
});
