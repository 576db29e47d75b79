import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  administrationBy,
  EVERYTHING,
  ROOT,
  startAdministered,
  type AdminApi,
} from '../support/admin-api.js';
import { PASSWORD_HASH } from '../support/configurations.js';
import { describeEachDatabase } from '../support/databases.js';
import type { Answer } from '../support/http.js';
import { recordStatements } from '../support/statements.js';
import type { Stack } from '../support/stack.js';

const IMPORT = '/users/import';
const APPLY = '/configuration/users';

/** What a server tells itself every second, to know that it is in sync. */
const HEARTBEAT = 'pg_notify';

/** With a password that costs nothing. */
const user = (username: string, sub?: string) => ({
  username,
  password_hash: PASSWORD_HASH,
  ...(sub !== undefined && { sub }),
});

const isStored = ({ status }: Answer): boolean => status === 200 || status === 201;

describe('A list of users', () => {
  let stack: Stack;
  let admin: AdminApi;

  beforeAll(async () => {
    stack = await startAdministered('postgres');
    admin = await administrationBy(stack, ROOT, EVERYTHING);
    // What a server reads once it has read.
    for (const path of [IMPORT, APPLY]) await admin.post(path, { users: [user(`first of ${path}`)] });
  });

  afterAll(() => stack.stop());

  const statementsFor = async (path: string, more: object, count: number): Promise<number> => {
    const users = Array.from({ length: count }, (_, index) => user(`${path}-${count}-${index}`));
    await admin.get('/users?limit=1');
    const statements = recordStatements(stack.database);
    expect(isStored(await admin.post(path, { users, ...more }))).toBe(true);
    return statements.filter((text) => !text.includes(HEARTBEAT)).length;
  };

  it.each([
    ['imported', IMPORT, {}],
    ['found out about', APPLY, { dry_run: true }],
    ['applied', APPLY, {}],
  ])('is %s in as many statements as a short one', async (_, path, more) => {
    expect(await statementsFor(path, more, 100)).toBe(await statementsFor(path, more, 2));
  });
});

describeEachDatabase('Users of one request', (dialect) => {
  let stack: Stack;
  let admin: AdminApi;

  beforeAll(async () => {
    stack = await startAdministered(dialect);
    admin = await administrationBy(stack, ROOT, EVERYTHING);
  });

  afterAll(() => stack.stop());

  const fieldsOf = ({ status, json }: { status: number; json: unknown }) => ({
    status,
    fields: (json as { errors: { field: string }[] }).errors.map(({ field }) => field),
  });

  it.each([
    ['the identifier of another one', [user('anna', 'sub-1'), user('ben', 'sub-1')], 'users[1].sub'],
    ['the name of another one as identifier', [user('anna'), user('ben', 'anna')], 'users[1].sub'],
    ['the identifier of another one as name', [user('anna', 'ben'), user('ben')], 'users[1].username'],
  ])('do not get %s', async (_, users, field) => {
    expect(fieldsOf(await admin.post(IMPORT, { users }))).toEqual({ status: 409, fields: [field] });
    expect(fieldsOf(await admin.post(APPLY, { users }))).toEqual({ status: 400, fields: [field] });
  });

  it('are compared with what an earlier one of them makes', async () => {
    const users = [user('carla'), user('carla')];
    const { json } = await admin.post(APPLY, { users });
    expect(json).toMatchObject({ changes: [{ action: 'create' }, { action: 'unchanged' }] });
  });
});
