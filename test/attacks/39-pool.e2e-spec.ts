import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { hashSync } from 'bcryptjs';
import pg from 'pg';
import { PoolGate } from '../../libs/platform/src/database/pool-gate.js';
import {
  administrationBy,
  EVERYTHING,
  ROOT,
  startAdministered,
  type AdminApi,
} from '../support/admin-api.js';
import { ALICE, BOB } from '../support/builders.js';
import { eventually } from '../support/eventually.js';
import { expectTokens } from '../support/expectations.js';
import { send, type Answer } from '../support/http.js';
import { metricOf } from '../support/metrics.js';
import { routesOf } from '../support/routes.js';
import { claimsOf, expectSession, isActive } from '../support/sessions.js';
import type { Stack } from '../support/stack.js';

/** More than there are connections. */
const AT_ONCE = 200;

const PASSWORD_HASH = hashSync('a password of the old system', 10);

describe('What waits in the database keeps its hands off the connections of others [postgres]', () => {
  let stack: Stack;
  let admin: AdminApi;

  beforeAll(async () => {
    stack = await startAdministered('postgres', { environment: { MAX_LOGINS_PER_USER: '3' } });
    admin = await administrationBy(stack, ROOT, EVERYTHING);
  });

  afterAll(() => stack.stop());
  afterEach(() => void jest.restoreAllMocks());

  /** Somebody else's transaction, over a connection of its own and without a time-out. @returns how to end it */
  async function hold(statement: string): Promise<() => Promise<void>> {
    const { url } = stack.database.dataSource.options as { url: string };
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query('BEGIN');
    await client.query(statement);
    return () => client.end();
  }

  const lock = (name: string) => hold(`SELECT pg_advisory_xact_lock(hashtextextended('${name}', 0))`);

  const waiting = (kind: string) =>
    metricOf(stack.application, 'latchkey_database_work', { class: kind, state: 'waiting' });

  const many = (count: number, act: (index: number) => Promise<Answer>) =>
    Promise.all(Array.from({ length: count }, (_, index) => act(index)));

  async function expectOthersServed(): Promise<void> {
    expect((await send(`${stack.issuer}/health/ready`)).status).toBe(200);
    let session = expectSession(await stack.login(BOB));
    for (let time = 0; time < 2; time++) {
      session = expectSession(await stack.refresh(session.refresh_token));
      expect(await isActive(stack, session)).toBe(true);
    }
    expect((await stack.revoke(session.refresh_token)).status).toBe(200);
    expect((await send(`${stack.issuer}/health/ready`)).status).toBe(200);
  }

  const newUser = (index: number) => ({ username: `new-${index}`, password_hash: PASSWORD_HASH });
  const create = (index: number) => admin.post('/users', newUser(index));

  it.each<[string, (index: number) => Promise<Answer>, number]>([
    ['subjects', create, 201],
    ['scopes', () => admin.patch('/users/alice-sub', {}, '"1"'), 404],
  ])('%s: those who wait for a lock hold no connection, and all get it', async (name, act, status) => {
    const release = await lock(name);
    const waiters = many(AT_ONCE, act);
    await eventually(async () => expect(await waiting('locks')).toBe(AT_ONCE - 1));
    expect(await waiting('administration')).toBe(0);
    await expectOthersServed();
    await release();
    expect((await waiters).map((answer) => answer.status)).toEqual(Array(AT_ONCE).fill(status));
  });

  it('administration that is slow has its own connections', async () => {
    const release = await hold('LOCK TABLE scopes');
    const waiters = many(20, () => admin.get('/scopes'));
    await eventually(async () => expect(await waiting('administration')).toBe(17));
    await expectOthersServed();
    await release();
    expect((await waiters).map((answer) => answer.status)).toEqual(Array(20).fill(200));
  });

  it('logins of one user take turns without a connection', async () => {
    const { sub } = claimsOf(expectTokens(await stack.login(ALICE)));
    const release = await lock(`logins of ${String(sub)}`);
    const waiters = many(20, () => stack.login(ALICE));
    await eventually(async () => expect(await waiting('locks')).toBe(19));
    await expectOthersServed();
    await release();
    for (const answer of await waiters) expectTokens(answer);
  });

  it('the probe has a connection when all others are in use, and any number of probes needs one', async () => {
    // Every login waits here, over a connection.
    const release = await hold('LOCK TABLE throttles');
    const logins = many(20, () => stack.login(BOB));
    await eventually(async () => expect(await waiting('requests')).toBeGreaterThan(0));
    const probes = await many(50, () => send(`${stack.issuer}/health/ready`));
    expect(probes.map((answer) => answer.status)).toEqual(Array(50).fill(200));
    await release();
    await logins;
  });

  it('no administrative request uses a connection of other requests', async () => {
    const user = (await admin.post('/users', newUser(AT_ONCE))).json as { sub: string };
    const enter = jest.spyOn(PoolGate.prototype, 'enter');
    const classesOf = async (act: () => Promise<Answer>) => {
      enter.mockClear();
      const { status } = await act();
      return { status, classes: [...new Set(enter.mock.calls.map(([work]) => work))] };
    };
    const lists = routesOf(stack.application)
      .filter(({ method, path }) => method === 'GET' && path.startsWith('/admin/'))
      .map(({ path }) => path.replace('/admin', '').replace(/:\w+/g, user.sub));
    expect(lists.length).toBeGreaterThan(10);
    for (const path of lists) {
      const { status, classes } = await classesOf(() => admin.get(path));
      expect({ path, status, requests: classes.includes('requests') }).toEqual({
        path,
        status: expect.not.stringMatching(/^5/) as unknown,
        requests: false,
      });
    }
    const changes: [string, () => Promise<Answer>][] = [
      ['create', () => create(AT_ONCE + 1)],
      ['change', () => admin.patch(`/users/${user.sub}`, { groups: ['a'] })],
      ['disable', () => admin.post(`/users/${user.sub}/disable`)],
      ['delete', () => admin.delete(`/users/${user.sub}`)],
      ['scope', () => admin.post('/scopes', { name: 'new', description: 'New' })],
      ['rotate', () => admin.post('/keys/rotate', { purpose: 'signing', force: true })],
    ];
    for (const [name, change] of changes) {
      const { status, classes } = await classesOf(change);
      expect({ name, done: status < 300 }).toEqual({ name, done: true });
      expect(classes).toContain('administration');
      expect(classes).not.toContain('requests');
    }
  });
});
