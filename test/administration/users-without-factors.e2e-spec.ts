import { afterAll, beforeAll, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import {
  administrationBy,
  anAdministeredConfigurationWithAccounts,
  CLIENT_MANAGER,
  EVERYTHING,
  ROOT,
  type AdminApi,
} from '../support/admin-api.js';
import { ALICE, BOB, OTHER, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectProblem, expectTokens } from '../support/expectations.js';
import { LatchkeyInProcess } from '../support/latchkey.js';
import { fillTables } from '../support/many-rows.js';
import { metricOf } from '../support/metrics.js';
import { enrol } from '../support/second-factors.js';
import { startStack, type Stack } from '../support/stack.js';

/** More than one read examines. */
const ROWS = 4500;

describeEachDatabase('Who has no second factor', (dialect) => {
  const latchkey = new LatchkeyInProcess();
  let stack: Stack;
  let admin: AdminApi;

  beforeAll(async () => {
    stack = await startStack(dialect, { configuration: anAdministeredConfigurationWithAccounts });
    admin = await administrationBy(stack, ROOT, EVERYTHING);
    await enrol(stack, ALICE);
    expectTokens(await stack.login(BOB, { scope: 'account' }));
  });

  afterAll(() => stack.stop());

  const names = async (path: string) => {
    const { json } = await admin.get(path);
    return (json as { data: { username: string }[] }).data.map(({ username }) => username);
  };

  const run = async (...arguments_: string[]) =>
    latchkey.succeed([...arguments_, '--json'], {
      environment: {
        LATCHKEY_URL: stack.issuer,
        LATCHKEY_CLIENT_ID: ROOT.clientId,
        LATCHKEY_CLIENT_SECRET: ROOT.secret,
      },
    });

  it('is listed, of all users and of those of a client', async () => {
    expect(await names('/users?has_second_factor=true')).toEqual([ALICE.username]);
    const without = await names('/users?has_second_factor=false&enabled=true');
    expect(without).toContain(BOB.username);
    expect(without).not.toContain(ALICE.username);
    const ofClient = `/password-grant-usage/${SHOP.clientId}/users`;
    expect(await names(ofClient)).toEqual([ALICE.username, BOB.username]);
    expect(await names(`${ofClient}?has_second_factor=false&enabled=true`)).toEqual([BOB.username]);
    expect(await names(`${ofClient}?has_second_factor=true`)).toEqual([ALICE.username]);
    expect(await names(`${ofClient}?enabled=false`)).toEqual([]);
    expect((await admin.get('/password-grant-usage')).json).toMatchObject({
      data: [{ client_id: SHOP.clientId, users: 2, without_second_factor: 1 }],
    });
    expectProblem(await admin.get('/users?has_second_factor=maybe'), 400, 'invalid_request', [
      'has_second_factor',
    ]);
  });

  it('is shown by the command line', async () => {
    const { json: ofClient } = await run('factors', 'missing', '--client', SHOP.clientId);
    expect(ofClient).toMatchObject([{ username: BOB.username }]);
    expect((await run('factors', 'missing', '--client', OTHER.clientId)).json).toEqual([]);
    const { json: all } = await run('factors', 'missing');
    expect(all).toEqual(expect.arrayContaining([expect.objectContaining({ username: BOB.username })]));
    expect((await run('factors', 'missing', '--group', 'no such group')).json).toEqual([]);
    expect((await run('factors', 'missing', '--count')).json).toEqual({
      users: expect.any(Number),
      without_second_factor: (all as object[]).length,
      counted_at: expect.any(String),
    });
  });

  it('is counted in portions, for the API and for metrics', async () => {
    await fillTables(stack.database, ROWS);
    const [row] = await stack.database.query<{ users: number | string; without: number | string }>(
      sql`SELECT count(*) AS users, sum(CASE WHEN has_second_factor THEN 0 ELSE 1 END) AS without
        FROM users WHERE disabled_by IS NULL`,
    );
    const [users, without] = [Number(row?.users), Number(row?.without)];
    expect(users).toBeGreaterThan(ROWS / 2);
    expect(without).toBeGreaterThan(0);
    const counted = { users, without_second_factor: without };
    expect((await admin.get('/second-factors')).json).toMatchObject(counted);
    const metric = (answer: string) =>
      metricOf(stack.application, 'latchkey_enabled_users', { second_factor: answer });
    expect([await metric('yes'), await metric('no')]).toEqual([users - without, without]);
  });

  it('is nothing for who may not read users', async () => {
    const other = await administrationBy(stack, CLIENT_MANAGER, 'admin:clients');
    expectProblem(await other.get('/second-factors'), 403, 'insufficient_scope');
    expectProblem(await other.get('/users?has_second_factor=false'), 403, 'insufficient_scope');
  });
});
