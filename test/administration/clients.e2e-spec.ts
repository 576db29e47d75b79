import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ALICE, API, SHOP } from '../support/builders.js';
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
import { openTransaction } from '../support/transaction.js';

const REGISTRATION = {
  client_name: 'A desk',
  grant_types: ['password', 'refresh_token'],
  scope: 'resources:read resources:write',
  default_scope: 'resources:read',
  audience: [API],
};

let names = 0;

describeEachDatabase('Administration of clients', (dialect) => {
  let stack: Stack;
  let admin: AdminApi;

  beforeAll(async () => {
    stack = await startAdministered(dialect);
    admin = await administrationBy(stack, ROOT, EVERYTHING);
  });

  afterAll(() => stack.stop());

  const create = async (
    changes: object = {},
  ): Promise<{ id: string; path: string; secret: string; etag: string }> => {
    const id = `desk-${++names}`;
    const answer = await admin.post('/clients', { client_id: id, ...REGISTRATION, ...changes });
    expect({ status: answer.status, body: answer.text }).toMatchObject({ status: 201 });
    const { client_secret: secret } = answer.json as { client_secret: string };
    return { id, path: `/clients/${id}`, secret, etag: String(answer.headers.etag) };
  };

  const stored = async (path: string): Promise<Record<string, unknown>> => {
    const answer = await admin.get(path);
    expect(answer.status).toBe(200);
    return answer.json as Record<string, unknown>;
  };

  it('waits for a configuration file that is being applied, and undoes nothing of it', async () => {
    if (dialect === 'sqlite') return; // where there is one unit of work at a time
    const { id, path, etag } = await create();
    const file = await openTransaction(stack.database);
    await file.query(`SELECT pg_advisory_xact_lock(hashtextextended('scopes', 0))`);
    const change = admin.patch(path, { client_name: 'Another' }, etag);
    // The change has read what it is to change by now, if it does not wait for that too.
    await sleep(200);
    await file.query(
      `UPDATE clients SET grant_types = 'password', version = version + 1 WHERE client_id = '${id}'`,
    );
    await file.commit();
    expectProblem(await change, 412, 'changed_meanwhile');
    expect((await stored(path)).grant_types).toEqual(['password']);
  });

  it('creates one with a secret that works, and shows the secret once', async () => {
    const answer = await admin.post('/clients', { client_id: 'new', ...REGISTRATION });
    expect(answer.status).toBe(201);
    expect(answer.headers.location).toBe('/admin/clients/new');
    const { client_secret: secret } = answer.json as { client_secret: string };
    expect(secret).toMatch(/^[\w-]{43}$/);
    expectTokens(await stack.login(ALICE, {}, { clientId: 'new', secret }));
    const read = await admin.get('/clients/new');
    expect(read.json).toEqual({
      client_id: 'new',
      client_name: 'A desk',
      client_type: 'confidential',
      grant_types: ['password', 'refresh_token'],
      scope: 'resources:read resources:write',
      default_scope: 'resources:read',
      audience: [API],
      access_token_format: 'jwt',
      access_token_signing_alg: 'ES256',
      access_token_ttl: null,
      refresh_token_policy: 'unlimited',
      refresh_token_max_uses: null,
      refresh_token_ttl: null,
      refresh_token_idle_ttl: null,
      refresh_token_grace: null,
      refresh_token_max_retries: null,
      may_introspect: false,
      forwards_end_user_address: false,
      password_grant_until: null,
      second_factor: null,
      second_factor_from: null,
      enabled: true,
      created_at: expect.stringMatching(/^\d{4}-.*Z$/),
      updated_at: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(read.headers.etag).toBe(answer.headers.etag);
    expect(stack.log.join('\n')).not.toContain(secret);
  });

  it('takes a secret that is given, and does not repeat it', async () => {
    const secret = 'a-secret-that-was-made-elsewhere-42';
    const answer = await admin.post('/clients', {
      client_id: 'given',
      client_secret: secret,
      ...REGISTRATION,
    });
    expect(answer.status).toBe(201);
    expect(answer.text).not.toContain(secret);
    expectTokens(await stack.login(ALICE, {}, { clientId: 'given', secret }));
  });

  it('names every wrong member, unknown ones included', async () => {
    const wrong = { client_id: 'wrong', grant_types: ['password', 'implicit'], scope: 'a  b', colour: 'red' };
    expectProblem(await admin.post('/clients', wrong), 400, 'invalid_request', [
      'grant_types',
      'scope',
      'colour',
    ]);
    expectProblem(
      await admin.post('/clients', { client_id: 'wrong', grant_types: ['password'], scope: 'nowhere' }),
      400,
      'invalid_request',
      ['audience', 'scope'],
    );
    expectProblem(await admin.post('/clients', { ...REGISTRATION }), 400, 'invalid_request', ['client_id']);
    expectProblem(await admin.post('/clients', '[]'), 400, 'invalid_request');
    expectProblem(await admin.post('/clients', '{'), 400, 'invalid_request');
    for (const name of ['toString', 'constructor', 'hasOwnProperty']) {
      expectProblem(
        await admin.post('/clients', `{"client_id": "x", "${name}": 1}`),
        400,
        'invalid_request',
        [name],
      );
    }
    expectProblem(await admin.get('/clients/wrong'), 404, 'not_found');
  });

  it('refuses a name that a client or a user has', async () => {
    const { sub } = (await stack.introspect(expectTokens(await stack.login(ALICE)).access_token)).json as {
      sub: string;
    };
    for (const name of [SHOP.clientId, sub]) {
      expectProblem(await admin.post('/clients', { client_id: name, ...REGISTRATION }), 409, 'conflict', [
        'client_id',
      ]);
    }
  });

  it('finds a client whatever its name is', async () => {
    for (const name of ['with/slash and space', 'per%cent', '%2F', ':x', '*']) {
      const path = `/clients/${encodeURIComponent(name)}`;
      const answer = await admin.post('/clients', { client_id: name, ...REGISTRATION });
      expect(answer.headers.location).toBe(`/admin${path}`);
      expect((await stored(path)).client_id).toBe(name);
      expect((await admin.post(`${path}/disable`)).status).toBe(200);
      expect((await admin.delete(path)).status).toBe(204);
      expectProblem(await admin.get(path), 404, 'not_found');
    }
    const long = '/'.repeat(255);
    expect((await admin.post('/clients', { client_id: long, ...REGISTRATION })).status).toBe(201);
    expect((await stored(`/clients/${encodeURIComponent(long)}`)).client_id).toBe(long);
    expectProblem(await admin.get('/clients/%00'), 404, 'not_found');
  });

  it('replaces what is registered, and what is left out gets its default', async () => {
    const { path, etag } = await create({ refresh_token_ttl: 3600 });
    const answer = await admin.put(path, { grant_types: ['password'], audience: [API] }, etag);
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({
      client_name: path.slice('/clients/'.length),
      grant_types: ['password'],
      scope: null,
      refresh_token_policy: 'none',
      refresh_token_ttl: null,
    });
    expect(answer.headers.etag).not.toBe(etag);
    expectProblem(
      await admin.put(path, { client_id: 'renamed' }, String(answer.headers.etag)),
      400,
      'invalid_request',
      ['client_id'],
    );
  });

  it('patches single members; null takes one away', async () => {
    const { path } = await create({ refresh_token_ttl: 3600, client_name: 'Before' });
    const answer = await admin.patch(path, { client_name: 'After', refresh_token_ttl: null });
    expect(answer.json).toMatchObject({
      client_name: 'After',
      refresh_token_ttl: null,
      scope: REGISTRATION.scope,
    });
    expect((await admin.patch(path, { grant_types: ['password'] })).json).toMatchObject({
      refresh_token_policy: 'none',
    });
    expectProblem(await admin.patch(path, { enabled: false }), 400, 'invalid_request', ['enabled']);
    expectProblem(await admin.patch(path, { grant_types: null, scope: 'x  y' }), 400, 'invalid_request', [
      'scope',
    ]);
  });

  it('does not let a change undo one that it has not seen', async () => {
    const { path, etag } = await create();
    expectProblem(await admin.put(path, REGISTRATION), 428, 'precondition_required');
    expectProblem(await admin.call('PATCH', path, { client_name: 'x' }), 428, 'precondition_required');
    expect((await admin.patch(path, { client_name: 'First' }, etag)).status).toBe(200);
    expectProblem(await admin.patch(path, { client_name: 'Second' }, etag), 412, 'changed_meanwhile');
    expectProblem(await admin.put(path, REGISTRATION, etag), 412, 'changed_meanwhile');
    expect((await stored(path)).client_name).toBe('First');
    expect((await admin.patch(path, { client_name: 'Any' }, '*')).status).toBe(200);
  });

  it('lets exactly one of several changes through that saw the same', async () => {
    const { path, etag } = await create();
    const answers = await Promise.all(
      [1, 2, 3, 4].map((n) => admin.patch(path, { client_name: `Parallel ${n}` }, etag)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412]);
  });

  it('tells a client apart from a later one with the same name', async () => {
    const { path, id, etag } = await create();
    expect((await admin.delete(path)).status).toBe(204);
    expect((await admin.post('/clients', { client_id: id, ...REGISTRATION })).status).toBe(201);
    expectProblem(await admin.patch(path, { client_name: 'x' }, etag), 412, 'changed_meanwhile');
  });

  it('ends all tokens by disabling, and enabling revives none', async () => {
    const { id, path, secret } = await create();
    const credentials = { clientId: id, secret };
    const tokens = expectTokens(await stack.login(ALICE, {}, credentials));
    expect((await admin.post(`${path}/disable`)).json).toMatchObject({ enabled: false });
    expect(await isActive(stack, tokens)).toBe(false);
    expectOAuthError(await stack.login(ALICE, {}, credentials), 401, 'invalid_client');
    expect((await admin.post(`${path}/disable`)).status).toBe(200);
    expect((await admin.post(`${path}/enable`)).json).toMatchObject({ enabled: true });
    expect(await isActive(stack, tokens)).toBe(false);
    expectTokens(await stack.login(ALICE, {}, credentials));
  });
});
