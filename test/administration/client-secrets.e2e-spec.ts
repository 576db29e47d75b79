import { afterAll, beforeAll, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import { NIL } from 'uuid';
import { ALICE, API, SHOP } from '../support/builders.js';
import {
  administrationBy,
  EVERYTHING,
  ROOT,
  startAdministered,
  type AdminApi,
} from '../support/admin-api.js';
import { describeEachDatabase } from '../support/databases.js';
import { eventually } from '../support/eventually.js';
import { expectOAuthError, expectProblem, expectTokens } from '../support/expectations.js';
import { isActive } from '../support/sessions.js';
import type { Stack } from '../support/stack.js';

interface Secret {
  id: string;
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
  client_secret?: string;
}

let names = 0;

describeEachDatabase('Administration of client secrets', (dialect) => {
  let stack: Stack;
  let admin: AdminApi;

  beforeAll(async () => {
    stack = await startAdministered(dialect);
    admin = await administrationBy(stack, ROOT, EVERYTHING);
  });

  afterAll(() => stack.stop());

  const newClient = async () => {
    const clientId = `client-${++names}`;
    const answer = await admin.post('/clients', {
      client_id: clientId,
      grant_types: ['password'],
      scope: 'resources:read',
      default_scope: 'resources:read',
      audience: [API],
    });
    const { client_secret: secret } = answer.json as { client_secret: string };
    return { path: `/clients/${clientId}/secrets`, credentials: { clientId, secret } };
  };

  const list = async (path: string): Promise<Secret[]> =>
    ((await admin.get(path)).json as { data: Secret[] }).data;

  const add = async (path: string, body: object = {}): Promise<Secret> => {
    const answer = await admin.post(path, body);
    expect({ status: answer.status, body: answer.text }).toMatchObject({ status: 201 });
    return answer.json as Secret;
  };

  it('adds one beside the old one, which runs out at the time that is given', async () => {
    const { path, credentials } = await newClient();
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
    const added = await add(path, { expire_others_at: inAnHour });
    const renewed = { ...credentials, secret: added.client_secret ?? '' };
    const old = expectTokens(await stack.login(ALICE, {}, credentials));
    expectTokens(await stack.login(ALICE, {}, renewed));
    expect((await list(path)).map(({ expires_at: end }) => end)).toEqual([inAnHour, null]);
    // Later.
    await stack.database.execute(
      sql`UPDATE client_secrets SET expires_at = ${Date.now() - 1} WHERE expires_at = ${Date.parse(inAnHour)}`,
    );
    await admin.patch(`/clients/${credentials.clientId}`, { client_name: 'Renamed' });
    expectOAuthError(await stack.login(ALICE, {}, credentials), 401, 'invalid_client');
    expectTokens(await stack.login(ALICE, {}, renewed));
    expect(await isActive(stack, old)).toBe(true);
  });

  it('never lets an old secret live longer than it would have', async () => {
    const { path } = await newClient();
    const soon = new Date(Date.now() + 60_000).toISOString();
    const later = new Date(Date.now() + 3_600_000).toISOString();
    await add(path, { expire_others_at: soon, expires_at: later });
    await add(path, { expire_others_at: later });
    expect((await list(path)).map(({ expires_at: end }) => end)).toEqual([soon, later, null]);
  });

  it('tells when, and never what', async () => {
    const { path, credentials } = await newClient();
    expect((await list(path))[0]).toMatchObject({ last_used_at: null });
    expectTokens(await stack.login(ALICE, {}, credentials));
    await eventually(async () => {
      expect((await list(path))[0]).toMatchObject({ last_used_at: expect.any(String) });
    });
    const answer = await admin.get(path);
    expect(Object.keys((answer.json as { data: Secret[] }).data[0] ?? {}).sort()).toEqual([
      'created_at',
      'expires_at',
      'id',
      'last_used_at',
    ]);
    expect(answer.text).not.toMatch(/sha256/);
    expect(answer.text).not.toContain(credentials.secret);
  });

  it('removes one, and what was issued to its client ends', async () => {
    const { path, credentials } = await newClient();
    const added = await add(path);
    const tokens = expectTokens(await stack.login(ALICE, {}, credentials));
    const [first] = await list(path);
    expect((await admin.delete(`${path}/${first?.id}`)).status).toBe(204);
    expectOAuthError(await stack.login(ALICE, {}, credentials), 401, 'invalid_client');
    expect(await isActive(stack, tokens)).toBe(false);
    expectTokens(await stack.login(ALICE, {}, { ...credentials, secret: added.client_secret ?? '' }));
    expectProblem(await admin.delete(`${path}/${first?.id}`), 404, 'not_found');
    expectProblem(await admin.delete(`${path}/not-an-id`), 404, 'not_found');
    expectProblem(await admin.delete(`${path}/${NIL}`), 404, 'not_found');
    const [other] = await list(`/clients/${SHOP.clientId}/secrets`);
    expectProblem(await admin.delete(`${path}/${other?.id}`), 404, 'not_found');
  });

  it('removes the only one that opens anything by force alone', async () => {
    const { path, credentials } = await newClient();
    const [only] = await list(path);
    const refused = await admin.delete(`${path}/${only?.id}`);
    expectProblem(refused, 409, 'conflict');
    expect(refused.text).toContain('It is the only secret');
    expectProblem(await admin.delete(`${path}/${only?.id}?force=false`), 409, 'conflict');
    expectProblem(await admin.delete(`${path}/${only?.id}?force=yes`), 400, 'invalid_request', ['force']);
    expectTokens(await stack.login(ALICE, {}, credentials));
    // One that has run out opens nothing.
    const later = Date.now() + 7_200_000;
    const ended = await add(path, { expires_at: new Date(later).toISOString() });
    await stack.database.execute(
      sql`UPDATE client_secrets SET expires_at = ${Date.now() - 1} WHERE expires_at = ${later}`,
    );
    expectProblem(await admin.delete(`${path}/${only?.id}`), 409, 'conflict');
    expect((await admin.delete(`${path}/${ended.id}`)).status).toBe(204);
    expect((await admin.delete(`${path}/${only?.id}?force=true`)).status).toBe(204);
    expectOAuthError(await stack.login(ALICE, {}, credentials), 401, 'invalid_client');
    expect(await list(path)).toEqual([]);
  });

  it('removes one of two at most when two administrators remove them at once', async () => {
    const { path } = await newClient();
    await add(path);
    const ids = (await list(path)).map(({ id }) => id);
    const answers = await Promise.all(ids.map((id) => admin.delete(`${path}/${id}`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409]);
    expect(await list(path)).toHaveLength(1);
  });

  it('takes a secret or a hash that is given, and refuses what cannot be meant', async () => {
    const { path, credentials } = await newClient();
    const given = await add(path, { client_secret: 'given-secret-0123456789abcdefghijkl' });
    expect(given).not.toHaveProperty('client_secret');
    expectTokens(
      await stack.login(ALICE, {}, { ...credentials, secret: 'given-secret-0123456789abcdefghijkl' }),
    );
    const past = new Date(Date.now() - 1000).toISOString();
    expectProblem(await admin.post(path, { expires_at: past }), 400, 'invalid_request', ['expires_at']);
    expectProblem(await admin.post(path, { expire_others_at: past }), 400, 'invalid_request', [
      'expire_others_at',
    ]);
    expectProblem(await admin.post(path, { expires_at: 'soon', value: 1 }), 400, 'invalid_request', [
      'expires_at',
      'value',
    ]);
    expectProblem(await admin.post('/clients/nobody/secrets'), 404, 'not_found');
  });

  it('keeps few, because every authentication compares with all of them', async () => {
    const { path } = await newClient();
    for (let count = 1; count < 10; count++) await add(path);
    expectProblem(await admin.post(path), 409, 'conflict');
  });
});
