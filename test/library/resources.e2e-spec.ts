import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeEachDatabase } from '../support/databases.js';
import { expectRefusal } from './support/expectations.js';
import { startResourceApplication, type ResourceApplication } from './support/resource-application.js';

interface Item {
  id: string;
  name: string;
}

interface List {
  data: Item[];
  next_cursor: string | null;
}

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const UNKNOWN = '01933b3e-7d3a-7000-8000-000000000000';
const notFound = { status: 404, error: 'not_found', challenge: null };
const denied = { status: 403, error: 'access_denied', challenge: null };

describeEachDatabase('Resources', (dialect) => {
  let api: ResourceApplication;
  let alice: string;
  let bob: string;
  let carol: string;

  beforeAll(async () => {
    api = await startResourceApplication(dialect);
    [alice, bob, carol] = [api.owner('alice'), api.owner('bob'), api.owner('carol')];
  });

  afterAll(() => api.stop());

  const share = (id: string, token: string, permissions: unknown) =>
    api.call('PUT', `/resources/${id}/permissions`, token, { permissions });

  async function list(token: string, query = ''): Promise<List> {
    const response = await api.call('GET', `/resources${query}`, token);
    expect(response.status).toBe(200);
    return (await response.json()) as List;
  }

  it('creates, reads, replaces and deletes', async () => {
    const created = await api.call('POST', '/resources', alice, { name: 'Groceries', content: 'Milk 🥛\n' });
    expect(created.status).toBe(201);
    expect(created.headers.get('cache-control')).toBe('no-store');
    const resource = (await created.json()) as Record<string, string>;
    expect(resource).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: 'Groceries',
      content: 'Milk 🥛\n',
      owner: 'alice',
      created_at: expect.stringMatching(RFC_3339),
      updated_at: resource.created_at,
    });

    const path = `/resources/${resource.id}`;
    expect(await (await api.call('GET', path, alice)).json()).toEqual(resource);

    const replaced = await api.call('PUT', path, alice, { name: 'Shopping', content: '' });
    expect(replaced.status).toBe(200);
    const after = (await replaced.json()) as Record<string, string>;
    expect(after).toEqual({ ...resource, name: 'Shopping', content: '', updated_at: after.updated_at });
    expect(await (await api.call('GET', path, alice)).json()).toEqual(after);

    const deleted = await api.call('DELETE', path, alice);
    expect(deleted.status).toBe(204);
    expect(await deleted.text()).toBe('');
    await expectRefusal(await api.call('GET', path, alice), notFound);
    await expectRefusal(await api.call('DELETE', path, alice), notFound);
  });

  it("hides another owner's resource on every method", async () => {
    const id = await api.create(alice);
    for (const token of [bob, carol]) {
      await expectRefusal(await api.call('GET', `/resources/${id}`, token), notFound);
      await expectRefusal(
        await api.call('PUT', `/resources/${id}`, token, { name: 'x', content: 'x' }),
        notFound,
      );
      await expectRefusal(await api.call('DELETE', `/resources/${id}`, token), notFound);
      await expectRefusal(await share(id, token, []), notFound);
    }
    expect((await api.call('GET', `/resources/${id}`, alice)).status).toBe(200);
  });

  it.each([UNKNOWN, 'x', '1', 'null', "' OR 1=1", '%00', '..%2F', UNKNOWN + '0'])(
    'does not know %j',
    async (id) => {
      await expectRefusal(await api.call('GET', `/resources/${id}`, alice), notFound);
    },
  );

  it('shares for reading, for writing, and no longer', async () => {
    const id = await api.create(alice);
    const path = `/resources/${id}`;
    const permissions = [
      { sub: 'bob', access: 'read' },
      { sub: 'carol', access: 'write' },
    ];
    const shared = await share(id, alice, permissions);
    expect(shared.status).toBe(200);
    expect(await shared.json()).toEqual({ permissions });

    expect((await api.call('GET', path, bob)).status).toBe(200);
    await expectRefusal(await api.call('PUT', path, bob, { name: 'x', content: 'x' }), denied);
    const written = await api.call('PUT', path, carol, { name: 'By Carol', content: 'x' });
    expect(await written.json()).toMatchObject({ name: 'By Carol', owner: 'alice' });
    for (const token of [bob, carol]) {
      await expectRefusal(await api.call('DELETE', path, token), denied);
      await expectRefusal(await share(id, token, []), denied);
    }

    expect((await share(id, alice, [{ sub: 'carol', access: 'read' }])).status).toBe(200);
    await expectRefusal(await api.call('GET', path, bob), notFound);
    await expectRefusal(await api.call('PUT', path, carol, { name: 'x', content: 'x' }), denied);
    expect(await (await share(id, alice, [])).json()).toEqual({ permissions: [] });
    await expectRefusal(await api.call('GET', path, carol), notFound);
  });

  it('forgets permissions with the resource', async () => {
    const id = await api.create(alice);
    await share(id, alice, [{ sub: 'bob', access: 'write' }]);
    await api.call('DELETE', `/resources/${id}`, alice);
    await expectRefusal(await api.call('GET', `/resources/${id}`, bob), notFound);
    expect((await list(bob)).data.map((item) => item.id)).not.toContain(id);
  });

  it('stores one of two lists that are sent at once', async () => {
    const id = await api.create(alice);
    const lists = Array.from({ length: 8 }, (_, i) => [`reader-${i}-a`, `reader-${i}-b`]);
    const send = (subs: string[]) =>
      share(
        id,
        alice,
        subs.map((sub) => ({ sub, access: 'read' })),
      );
    const answers = await Promise.all(lists.map(send));
    expect(answers.map((answer) => answer.status)).toEqual(lists.map(() => 200));
    const visible: boolean[] = [];
    for (const sub of lists.flat()) {
      visible.push((await api.call('GET', `/resources/${id}`, api.owner(sub))).status === 200);
    }
    expect(visible.filter(Boolean)).toHaveLength(2);
    const first = visible.indexOf(true);
    expect([first % 2, visible[first + 1]]).toEqual([0, true]);
  });

  it('lists own and shared resources, newest first, page by page, while others appear', async () => {
    const [dora, emil] = [api.owner('dora'), api.owner('emil')];
    const created: string[] = [];
    for (let i = 0; i < 7; i++) {
      const id = await api.create(i % 2 ? emil : dora, `Number ${i}`);
      if (i % 2) await share(id, emil, [{ sub: 'dora', access: 'read' }]);
      created.unshift(id);
    }
    await api.create(emil, 'Not shared');
    expect((await list(dora)).data.map((item) => item.id)).toEqual(created);
    expect((await list(dora)).next_cursor).toBeNull();
    expect((await list(dora, '?limit=7')).next_cursor).toBeNull();

    const seen: string[] = [];
    for (let query = '?limit=2'; ;) {
      const page = await list(dora, query);
      seen.push(...page.data.map((item) => item.id));
      await api.create(dora, 'Newer than the list');
      if (page.next_cursor === null) break;
      query = `?limit=2&cursor=${page.next_cursor}`;
    }
    expect(seen).toEqual(created);
  });

  it('lists large resources in shorter pages', async () => {
    const gina = api.owner('gina');
    const created: string[] = [];
    for (let i = 0; i < 15; i++) created.unshift(await api.create(gina, 'Large', 'é'.repeat(30_000)));
    const pages: string[][] = [];
    for (let query = '?limit=200'; ;) {
      const page = await list(gina, query);
      pages.push(page.data.map((item) => item.id));
      if (page.next_cursor === null) break;
      query = `?limit=200&cursor=${page.next_cursor}`;
    }
    expect(pages.flat()).toEqual(created);
    expect(pages.map((ids) => ids.length)).toEqual([6, 6, 3]);
  });

  it('lists nothing for who has nothing', async () => {
    expect(await list(api.owner('nobody'))).toEqual({ data: [], next_cursor: null });
  });
});
