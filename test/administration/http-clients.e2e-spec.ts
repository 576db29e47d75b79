import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ALICE, API } from '../support/builders.js';
import {
  administrationBy,
  EVERYTHING,
  ROOT,
  startAdministered,
  type AdminApi,
} from '../support/admin-api.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectProblem, expectTokens } from '../support/expectations.js';
import { send } from '../support/http.js';
import type { Stack } from '../support/stack.js';

const JSON_TYPE = { 'content-type': 'application/json' };

/** What programs, libraries and proxies make of a request by themselves. */
describeEachDatabase('Administration by any HTTP client', (dialect) => {
  let stack: Stack;
  let admin: AdminApi;

  beforeAll(async () => {
    stack = await startAdministered(dialect);
    admin = await administrationBy(stack, ROOT, EVERYTHING);
  });

  afterAll(() => stack.stop());

  const newClient = async (clientId: string): Promise<string> => {
    const answer = await admin.post('/clients', {
      client_id: clientId,
      grant_types: ['password'],
      scope: 'resources:read',
      audience: [API],
    });
    expect(answer.status).toBe(201);
    return `/clients/${clientId}`;
  };

  it('takes a type without a body where no body is needed', async () => {
    const path = await newClient('without-body');
    expect((await admin.call('POST', `${path}/disable`, undefined, JSON_TYPE)).status).toBe(200);
    expect((await admin.call('POST', `${path}/enable`, '', JSON_TYPE)).status).toBe(200);
    expect((await admin.call('POST', `${path}/secrets`, undefined, JSON_TYPE)).status).toBe(201);
    expectProblem(await admin.call('POST', '/clients', undefined, JSON_TYPE), 400, 'invalid_request', [
      'client_id',
    ]);
    expect((await admin.call('DELETE', path, undefined, JSON_TYPE)).status).toBe(204);
  });

  it('reads no form, which would change nothing and look like success', async () => {
    const path = await newClient('form');
    const form = { 'content-type': 'application/x-www-form-urlencoded', 'if-match': '*' };
    expectProblem(await admin.call('PATCH', path, 'client_name=x', form), 415, 'unsupported_media_type');
    const { access_token: token } = expectTokens(
      await stack.token({ grant_type: 'client_credentials', scope: EVERYTHING }, ROOT),
    );
    const answer = await send(`${stack.issuer}/account/password`, {
      method: 'PUT',
      headers: { ...form, authorization: `Bearer ${token}` },
      body: new URLSearchParams({ current_password: ALICE.password }).toString(),
    });
    expectOAuthError(answer, 400, 'invalid_request');
    expect(answer.json).toMatchObject({ error_description: 'The body must be application/json' });
  });

  it.each([
    '2099-12-31T12:00:00.1Z',
    '2099-12-31T12:00:00.123456Z',
    '2099-12-31T12:00:00.123456789+00:00',
    '2099-12-31t12:00:00.123456z',
  ])('takes the time %s (RFC 3339)', async (time) => {
    const added = await admin.post('/clients/shop-backend/secrets', { expires_at: time });
    expect({ status: added.status, body: added.json }).toMatchObject({
      status: 201,
      body: { expires_at: new Date(time).toISOString() },
    });
    const { id } = added.json as { id: string };
    expect((await admin.delete(`/clients/shop-backend/secrets/${id}`)).status).toBe(204);
    expect((await admin.get(`/audit-events?since=${encodeURIComponent(time)}`)).status).toBe(200);
  });

  it('knows its entity tags again as proxies write them', async () => {
    for (const path of [await newClient('tags'), `/users/${await subOf(ALICE.username)}`]) {
      const patch = { ...(path.includes('users') ? { groups: ['staff'] } : { client_name: 'Tags' }) };
      const rewritings: ((tag: string) => string)[] = [
        (tag) => `W/${tag}`,
        (tag) => tag.replace(/"$/, '-gzip"'),
        (tag) => tag.replace(/"$/, '--gzip"'),
        (tag) => `W/${tag.replace(/"$/, '-br"')}`,
        (tag) => `"x", W/${tag}`,
      ];
      for (const rewrite of rewritings) {
        const { etag } = (await admin.get(path)).headers;
        const tag = rewrite(String(etag));
        const answer = await admin.patch(path, patch, tag);
        expect({ tag, status: answer.status }).toEqual({ tag, status: 200 });
      }
    }
  });

  it('takes no tag of another version, however it is written', async () => {
    const path = await newClient('versions');
    const { etag } = (await admin.get(path)).headers;
    const old = String(etag);
    expect((await admin.patch(path, { client_name: 'Changed' }, old)).status).toBe(200);
    const current = String((await admin.get(path)).headers.etag);
    expect(current).not.toBe(old);
    const others = [
      old,
      `W/${old}`,
      old.replace(/"$/, '-gzip"'),
      current.replaceAll('"', ''),
      current.replace(/"$/, '0"'),
      current.replace(/"$/, '-0"'),
      `w/${current}`,
      `W/W/${current}`,
      `"${current}"`,
      'W/*',
    ];
    for (const tag of others) {
      const answer = await admin.patch(path, { client_name: 'Again' }, tag);
      expect({ tag, status: answer.status }).toEqual({ tag, status: 412 });
    }
  });

  const subOf = async (username: string): Promise<string> => {
    const { json } = await admin.get(`/users?username=${username}`);
    return (json as { data: { sub: string }[] }).data[0]?.sub ?? '';
  };
});
