import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { NIL } from 'uuid';
import { describeEachDatabase } from '../support/databases.js';
import { expectRefusal } from './support/expectations.js';
import { startResourceApplication, type ResourceApplication } from './support/resource-application.js';

const VALID = { name: 'A name', content: 'Some content' };

describeEachDatabase('What the resource server refuses', (dialect) => {
  let api: ResourceApplication;
  let alice: string;
  let id: string;

  beforeAll(async () => {
    api = await startResourceApplication(dialect);
    alice = api.owner('alice');
    id = await api.create(alice);
  });

  afterAll(() => api.stop());

  async function expectInvalid(response: Response, ...named: string[]): Promise<void> {
    expect(response.status).toBe(400);
    const body = (await response.json()) as { error: string; error_description: string };
    expect(body.error).toBe('invalid_request');
    for (const name of named) expect(body.error_description).toContain(name);
  }

  it.each<[unknown, string[]]>([
    [{}, ['name', 'content']],
    [{ ...VALID, name: '' }, ['name']],
    [{ ...VALID, name: 5 }, ['name']],
    [{ ...VALID, name: null }, ['name']],
    [{ ...VALID, name: ['x'] }, ['name']],
    [{ ...VALID, name: 'x'.repeat(201) }, ['name']],
    [{ ...VALID, name: 'a\0b' }, ['name']],
    [{ ...VALID, content: undefined }, ['content']],
    [{ ...VALID, content: {} }, ['content']],
    [{ ...VALID, content: '\ud800' }, ['content']],
    [{ ...VALID, content: 'x'.repeat(50_001) }, ['content']],
    [[], []],
    [[VALID], []],
    ['null', []],
    ['"text"', []],
    ['', []],
    ['{"name":', []],
    ['{"name":"a","content":"b","__proto__":{"owner":"bob"}}', []],
    ['{"name":"a","content":"b","constructor":{"prototype":{"owner":"bob"}}}', []],
    [Uint8Array.from(Buffer.from('{"name":"\xff","content":""}', 'latin1')), []],
  ])('a body like %j', async (body, named) => {
    await expectInvalid(await api.call('POST', '/resources', alice, body), ...named);
    await expectInvalid(await api.call('PUT', `/resources/${id}`, alice, body), ...named);
  });

  it.each<[unknown, string]>([
    [undefined, 'permissions'],
    [null, 'permissions'],
    ['bob', 'permissions'],
    [{ sub: 'bob', access: 'read' }, 'permissions'],
    [[null], 'permissions'],
    [['bob'], 'permissions'],
    [[[]], 'permissions'],
    [[{ sub: 'bob' }], 'permissions[0].access'],
    [
      [
        { sub: 'bob', access: 'read' },
        { sub: 'carol', access: 'admin' },
      ],
      'permissions[1].access',
    ],
    [[{ sub: '', access: 'read' }], 'permissions[0].sub'],
    [[{ sub: 'a\0', access: 'read' }], 'permissions[0].sub'],
    [[{ sub: 5, access: 'read' }], 'permissions[0].sub'],
    [
      [
        { sub: 'bob', access: 'read' },
        { sub: 'bob', access: 'write' },
      ],
      'each sub once',
    ],
    [[{ sub: 'alice', access: 'read' }], 'owner'],
    [Array.from({ length: 101 }, (_, i) => ({ sub: `s${i}`, access: 'read' })), '100'],
  ])('permissions like %j', async (permissions, named) => {
    const response = await api.call('PUT', `/resources/${id}/permissions`, alice, { permissions });
    await expectInvalid(response, named);
  });

  it.each([
    'limit=0',
    'limit=201',
    'limit=-1',
    'limit=1.5',
    'limit=abc',
    'limit=',
    'limit=1e1',
    'limit=%205',
    'limit=1&limit=2',
    'cursor=',
    'cursor=abc',
    'cursor=01933b3e-7d3a-7000-8000-000000000000',
    'cursor=AZM7Pn06cACAAAAAAAAAAA&cursor=AZM7Pn06cACAAAAAAAAAAA',
  ])('a query like %s', async (query) => {
    await expectInvalid(await api.call('GET', `/resources?${query}`, alice), query.split('=')[0] ?? '');
  });

  it('drops what it does not know', async () => {
    const response = await api.call('POST', '/resources', alice, {
      ...VALID,
      owner: 'bob',
      id: 'x',
      created_at: 0,
    });
    expect(await response.json()).toMatchObject({
      owner: 'alice',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    'x',
  ])('the content type %s', async (type) => {
    await expectInvalid(
      await api.call('POST', '/resources', alice, JSON.stringify(VALID), { 'content-type': type }),
    );
  });

  it('a body that is nested deeper than a stack', async () => {
    const deep = `{"name":${'['.repeat(32_000)}${']'.repeat(32_000)}}`;
    await expectInvalid(await api.call('POST', '/resources', alice, deep));
  });

  it('no body at all', async () => {
    await expectInvalid(await api.call('POST', '/resources', alice));
  });

  it('a body over 64 KiB', async () => {
    const response = await api.call('POST', '/resources', alice, { ...VALID, content: 'x'.repeat(66_000) });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ error: 'invalid_request' });
  });

  it.each([
    ['PATCH', '/resources', 'GET, HEAD, POST'],
    ['DELETE', '/resources', 'GET, HEAD, POST'],
    ['POST', '/resources/x', 'DELETE, GET, HEAD, PUT'],
    ['GET', '/resources/x/permissions', 'PUT'],
    ['POST', '/health/live', 'GET, HEAD'],
  ])('%s %s', async (method, path, allow) => {
    const response = await api.call(method, path, alice);
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe(allow);
    expect(await response.json()).toMatchObject({ error: 'method_not_allowed' });
  });

  it.each(['/resource', '/resources/a/b', '/resources/%zz', `/resources/${NIL}`, '/admin'])(
    'GET %s',
    async (path) => {
      const response = await api.call('GET', path, alice);
      expect([400, 404]).toContain(response.status);
      expect(await response.json()).toEqual({
        error: expect.any(String),
        error_description: expect.any(String),
      });
    },
  );

  it.each([
    ['GET', '/resources', 'resources:write', 'resources:read'],
    ['GET', '/resources/x', 'resources:write', 'resources:read'],
    ['POST', '/resources', 'resources:read', 'resources:write'],
    ['PUT', '/resources/x', 'resources:read', 'resources:write'],
    ['DELETE', '/resources/x', 'resources:read', 'resources:write'],
    ['PUT', '/resources/x/permissions', 'resources:read', 'resources:write'],
  ])('%s %s with the scope %s alone', async (method, path, scope, required) => {
    const response = await api.call(method, path, api.owner('alice', { scope }));
    await expectRefusal(response, {
      status: 403,
      error: 'insufficient_scope',
      challenge: new RegExp(`^Bearer realm="resources", .*error="insufficient_scope".*scope="${required}"$`),
    });
    await expectRefusal(await api.call(method, path), {
      status: 401,
      error: 'invalid_token',
      challenge:
        'Bearer realm="resources", resource_metadata="https://api.example/.well-known/oauth-protected-resource"',
    });
  });

  it.each([
    ['GET', '/resources'],
    ['POST', '/resources'],
    ['GET', '/resources/x'],
  ])("%s %s with a client's own token", async (method, path) => {
    const client = api.owner('shop-backend', { username: undefined });
    const response = await api.call(method, path, client, method === 'POST' ? VALID : undefined);
    await expectRefusal(response, { status: 403, error: 'access_denied', challenge: null });
  });

  it('gives every answer a request id and shows no stack', async () => {
    for (const path of ['/resources', '/nothing', '/resources/%zz', '/health/live']) {
      const response = await api.call('GET', path);
      expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
      expect(await response.text()).not.toMatch(/\.js|\.ts|node_modules/);
    }
  });

  it('logs neither tokens nor contents', () => {
    expect(api.log.join('')).not.toMatch(/token-of-|Some content|the-secret/);
  });
});
