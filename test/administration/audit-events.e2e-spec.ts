import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newId } from '@latchkey/platform/database';
import { AuditEventRepository } from '../../apps/authorization-server/src/audit/audit-event-repository.js';
import {
  administrationBy,
  EVERYTHING,
  ROOT,
  startAdministered,
  type AdminApi,
} from '../support/admin-api.js';
import { ALICE, BOB, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectProblem } from '../support/expectations.js';
import { claimsOf, expectSession } from '../support/sessions.js';
import type { Stack } from '../support/stack.js';

interface Event {
  id: string;
  occurred_at: string;
  kind: string;
  outcome: string;
  subject: string | null;
  sid: string | null;
  count: number;
}

describeEachDatabase('Administration: audit events', (dialect) => {
  let stack: Stack;
  let admin: AdminApi;
  let alice: Record<string, unknown>;

  beforeAll(async () => {
    stack = await startAdministered(dialect);
    admin = await administrationBy(stack, ROOT, EVERYTHING);
    alice = claimsOf(expectSession(await stack.login(ALICE)));
    await stack.login({ ...ALICE, password: 'wrong' });
    await stack.login({ ...ALICE, password: 'wrong' });
    await stack.login(BOB);
  });

  afterAll(() => stack.stop());

  const list = async (query: string): Promise<Event[]> => {
    const answer = await admin.get(`/audit-events?${query}`);
    expect(answer.status).toBe(200);
    return (answer.json as { data: Event[] }).data;
  };

  it('are listed newest first, page by page', async () => {
    const ids: string[] = [];
    let cursor = '';
    do {
      const { json } = await admin.get(`/audit-events?limit=3${cursor}`);
      const { data, next_cursor: next } = json as { data: Event[]; next_cursor: string | null };
      ids.push(...data.map(({ id }) => id));
      cursor = next === null ? '' : `&cursor=${next}`;
    } while (cursor !== '');
    expect(ids.length).toBeGreaterThan(5);
    expect(ids).toEqual([...new Set(ids)].sort().reverse());
  });

  it('are found by who, whom, what, and how it ended', async () => {
    const [login] = await list(`kind=login&outcome=success&subject=${String(alice.sub)}`);
    expect(login).toMatchObject({ kind: 'login', subject: alice.sub, sid: alice.sid, count: 1 });
    const failures = await list(`kind=login&outcome=failure&client_id=${SHOP.clientId}`);
    // Those of one minute share a row.
    expect(failures.reduce((sum, { count }) => sum + count, 0)).toBe(2);
    expect(await list('actor=nobody')).toEqual([]);
    expect(new Set((await list(`actor=${SHOP.clientId}`)).map(({ kind }) => kind))).toEqual(
      new Set(['login']),
    );
  });

  it('are found by time', async () => {
    const [login] = await list(`kind=login&outcome=success&subject=${String(alice.sub)}`);
    const at = login?.occurred_at ?? '';
    const next = new Date(Date.parse(at) + 1).toISOString();
    const found = async (query: string) => (await list(`kind=login&${query}`)).map(({ id }) => id);
    expect(await found(`since=${at}&until=${next}`)).toContain(login?.id);
    expect(await found(`until=${at}`)).not.toContain(login?.id);
    expect(await found(`since=${next}`)).not.toContain(login?.id);
  });

  it.each(['kind=logins', 'outcome=maybe', 'since=yesterday', 'limit=0', 'cursor=x', 'subjekt=a', 'actor='])(
    'are not listed by %s',
    async (query) => {
      const [field = ''] = query.split('=');
      expectProblem(await admin.get(`/audit-events?${query}`), 400, 'invalid_request', [field]);
    },
  );

  it('go, some at a time, once they are old enough', async () => {
    const repository = stack.application.get(AuditEventRepository);
    const before = await list('limit=200');
    expect(await repository.deleteBefore(Date.now() - 3_600_000, 500)).toBe(0);
    expect(await repository.deleteBefore(Date.now() + 1000, 2)).toBe(2);
    const oldest = before.slice(-2).map(({ id }) => id);
    const left = (await list('limit=200')).map(({ id }) => id);
    expect(left).not.toEqual(expect.arrayContaining(oldest));
    expect(left.length).toBe(before.length - 2);
    expect(left.every((id) => id < newId())).toBe(true);
  });
});
