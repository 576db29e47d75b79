import { afterEach, beforeEach, expect, it } from '@jest/globals';
import {
  administrationBy,
  CLIENT_MANAGER,
  EVERYTHING,
  ROOT,
  startAdministered,
  type AdminApi,
} from '../support/admin-api.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectProblem } from '../support/expectations.js';
import type { Answer } from '../support/http.js';
import type { Stack } from '../support/stack.js';

const SCOPE = 'admin:clients';

describeEachDatabase('The last client that administers clients', (dialect) => {
  let stack: Stack;
  let root: AdminApi;

  beforeEach(async () => {
    stack = await startAdministered(dialect);
    root = await administrationBy(stack, ROOT, EVERYTHING);
  });

  afterEach(() => stack.stop());

  const path = `/clients/${ROOT.clientId}`;
  const secretIds = async (of: string): Promise<string[]> =>
    ((await root.get(`${of}/secrets`)).json as { data: { id: string }[] }).data.map(({ id }) => id);

  const expectRefused = (answer: Answer) => {
    expectProblem(answer, 409, 'conflict');
    expect(answer.text).toContain('the last client that administers clients');
  };

  it('can neither be taken its power, nor be disabled, deleted or left without a secret', async () => {
    expect((await root.delete(`/clients/${CLIENT_MANAGER.clientId}`)).status).toBe(204);
    const { json: before } = await root.get(path);
    const scope = EVERYTHING.split(' ').filter((name) => name !== SCOPE);
    expectRefused(await root.patch(path, { scope: scope.join(' ') }));
    expectRefused(await root.patch(path, { grant_types: [], scope: null }));
    expectRefused(await root.delete(`/scopes/${SCOPE}/clients/${ROOT.clientId}`));
    expectRefused(await root.post(`${path}/disable`));
    expectRefused(await root.delete(path));
    const [only] = await secretIds(path);
    expectRefused(await root.delete(`${path}/secrets/${only}?force=true`));
    expect((await root.get(path)).json).toEqual(before);
    expect((await root.patch(path, { client_name: 'Still here' })).status).toBe(200);
  });

  it('is not the last one beside another that is enabled and has a secret', async () => {
    const other = `/clients/${CLIENT_MANAGER.clientId}`;
    expect((await root.post(`${other}/disable`)).status).toBe(200);
    expectRefused(await root.delete(path));
    expect((await root.post(`${other}/enable`)).status).toBe(200);
    const [only] = await secretIds(other);
    expect((await root.delete(`${other}/secrets/${only}?force=true`)).status).toBe(204);
    expectRefused(await root.delete(path));
    expect((await root.post(`${other}/secrets`)).status).toBe(201);
    expect((await root.delete(path)).status).toBe(204);
  });

  it('is one of two that are deleted at once', async () => {
    const manager = await administrationBy(stack, ROOT, EVERYTHING);
    const answers = await Promise.all([
      root.delete(path),
      manager.post(`/clients/${CLIENT_MANAGER.clientId}/disable`),
    ]);
    const refused = answers.filter(({ status }) => status === 409 || status === 401);
    expect(refused).toHaveLength(1);
  });
});
