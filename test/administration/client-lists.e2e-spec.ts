import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { API } from '../support/builders.js';
import {
  administrationBy,
  EVERYTHING,
  ROOT,
  startAdministered,
  type AdminApi,
} from '../support/admin-api.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectProblem } from '../support/expectations.js';
import type { Answer } from '../support/http.js';
import type { Stack } from '../support/stack.js';

const REGISTRATION = { grant_types: ['password'], scope: 'resources:read resources:write', audience: [API] };

describeEachDatabase('Administration of clients: lists, public clients, refusals', (dialect) => {
  let stack: Stack;
  let admin: AdminApi;

  beforeAll(async () => {
    stack = await startAdministered(dialect);
    admin = await administrationBy(stack, ROOT, EVERYTHING);
  });

  afterAll(() => stack.stop());

  const idsOf = ({ json }: Answer): string[] =>
    (json as { data: { client_id: string }[] }).data.map(({ client_id: id }) => id);

  it('lists by name, filtered, page by page', async () => {
    for (const name of ['list-c', 'list-a', 'list-B', 'list-b']) {
      await admin.post('/clients', { client_id: name, ...REGISTRATION, enabled: name !== 'list-b' });
    }
    expect(idsOf(await admin.get('/clients?prefix=list-'))).toEqual(['list-B', 'list-a', 'list-b', 'list-c']);
    expect(idsOf(await admin.get('/clients?prefix=list-&enabled=false'))).toEqual(['list-b']);
    expect(idsOf(await admin.get('/clients?prefix=list-&grant_type=client_credentials'))).toEqual([]);
    expect(idsOf(await admin.get('/clients?scope=resources:write&prefix=list-&enabled=true'))).toHaveLength(
      3,
    );
    expect(idsOf(await admin.get('/clients?scope=Resources:write&prefix=list-'))).toEqual([]);
    const seen: string[] = [];
    let cursor = '';
    do {
      const answer = await admin.get(`/clients?prefix=list-&limit=3${cursor}`);
      seen.push(...idsOf(answer));
      const { next_cursor: next } = answer.json as { next_cursor: string | null };
      cursor = next === null ? '' : `&cursor=${next}`;
    } while (cursor !== '');
    expect(seen).toEqual(['list-B', 'list-a', 'list-b', 'list-c']);
    expectProblem(await admin.get('/clients?limit=0&enabled=perhaps&prefx=x'), 400, 'invalid_request', [
      'limit',
      'enabled',
      'prefx',
    ]);
    expectProblem(await admin.get('/clients?cursor=AA'), 400, 'invalid_request', ['cursor']);
  });

  it('registers a public client without a secret', async () => {
    const answer = await admin.post('/clients', { client_id: 'public', client_type: 'public' });
    expect(answer.status).toBe(201);
    expect(answer.json).not.toHaveProperty('client_secret');
    expectProblem(
      await admin.post('/clients', { client_id: 'public-2', client_type: 'public', client_secret: 'x' }),
      400,
      'invalid_request',
      ['client_secret'],
    );
    expectProblem(await admin.post('/clients/public/secrets'), 409, 'conflict');
    expectProblem(
      await admin.patch('/clients/public', { client_type: 'confidential' }),
      400,
      'invalid_request',
      ['client_type'],
    );
  });

  it('answers what comes before its controllers in its own form', async () => {
    expectProblem(await admin.get('/nothing'), 404, 'not_found');
    expectProblem(await admin.call('DELETE', '/clients'), 405, 'method_not_allowed');
    expectProblem(
      await admin.call('POST', '/clients', 'a=b', { 'content-type': 'text/plain' }),
      415,
      'unsupported_media_type',
    );
    expectProblem(await admin.post('/clients', { client_name: 'x'.repeat(70_000) }), 413, 'body_too_large');
  });
});
