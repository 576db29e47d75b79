import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  administrationBy,
  administrator,
  anAdministeredConfiguration,
  CLIENT_MANAGER,
  EVERYTHING,
  ROOT,
  type AdminApi,
} from '../support/admin-api.js';
import { ALICE, aUser, BOB } from '../support/builders.js';
import { describeEachDatabase, type TestDatabase } from '../support/databases.js';
import { eventually } from '../support/eventually.js';
import { recordSent } from '../support/examined-rows.js';
import { expectOAuthError, expectProblem, expectTokens } from '../support/expectations.js';
import { LatchkeyInProcess, offlineEnvironment } from '../support/latchkey.js';
import { passwordOnly } from '../support/second-factors.js';
import { createServerDatabase } from '../support/server-databases.js';
import { startStack, type Stack } from '../support/stack.js';

const STAFF = '/groups/staff%20of%20the%20shop';

const READER = { clientId: 'reader', secret: 'reader-secret-0123456789abcdefghijklmn' };

function configuration(issuer: string) {
  const { clients, ...rest } = anAdministeredConfiguration(issuer);
  return {
    ...rest,
    clients: [...clients, administrator(READER, 'admin:users:read', issuer)],
    users: [
      aUser({ groups: ['visitors', 'staff of the shop'] }),
      aUser({ ...BOB, groups: ['visitors', 'staff'] }),
    ],
  };
}

describeEachDatabase('Rules of groups', (dialect) => {
  /** Another process can work on the database at the same time. */
  const isShared = dialect === 'postgres';
  const itWithOthers = isShared ? it : it.skip;
  const latchkey = new LatchkeyInProcess();
  let database: TestDatabase;
  let stack: Stack;
  let admin: AdminApi;

  beforeAll(async () => {
    database = await createServerDatabase(dialect);
    stack = await startStack(dialect, {
      database,
      configuration,
    });
    admin = await administrationBy(stack, ROOT, EVERYTHING);
  });

  beforeEach(async () => {
    const { json } = await admin.get('/groups');
    for (const { name } of (json as { data: { name: string }[] }).data) {
      await admin.delete(`/groups/${encodeURIComponent(name)}`);
    }
  });

  afterAll(async () => {
    await stack.stop();
    await database.drop();
  });

  const online = () => ({
    LATCHKEY_URL: stack.issuer,
    LATCHKEY_CLIENT_ID: ROOT.clientId,
    LATCHKEY_CLIENT_SECRET: ROOT.secret,
  });
  const run = (line: string, environment: Record<string, string> = online()) =>
    latchkey.succeed(line.split(' '), { environment });
  const file = (content: object): string => {
    const path = join(latchkey.home, 'groups.yaml');
    writeFileSync(path, JSON.stringify(content));
    return path;
  };
  const isAsked = async (owner: typeof ALICE | typeof BOB) => (await stack.login(owner)).status === 403;

  it('hold for the users in it, from the next login on, and for nobody else', async () => {
    expectTokens(await stack.login(ALICE));
    const set = await admin.put(STAFF, { second_factor: 'required' });
    const group = { name: 'staff of the shop', second_factor: 'required', second_factor_from: null };
    expect(set).toMatchObject({ status: 200, json: group });
    expect((await admin.get(STAFF)).json).toEqual(group);
    expect((await admin.get('/groups')).json).toEqual({ data: [group] });
    expect((await passwordOnly(stack, ALICE)).mfa_requirements).toEqual({ enroll: [{ type: 'otp' }] });
    expectTokens(await stack.login(BOB));
    // From a day on.
    await admin.put(STAFF, { second_factor: 'required', second_factor_from: '2999-01-01' });
    expect(await isAsked(ALICE)).toBe(false);
    await admin.put(STAFF, { second_factor: 'required', second_factor_from: '2020-01-01' });
    expect(await isAsked(ALICE)).toBe(true);
    expect((await admin.delete(STAFF)).status).toBe(204);
    expect(await isAsked(ALICE)).toBe(false);
    const { json } = await admin.get('/audit-events?actor=root&limit=4');
    expect((json as { data: { kind: string; detail: object }[] }).data).toMatchObject([
      { kind: 'group_deleted', detail: { group: 'staff of the shop' } },
      { kind: 'group_updated' },
      { kind: 'group_updated' },
      {
        kind: 'group_created',
        detail: { changes: [{ field: 'second_factor', from: null, to: 'required' }] },
      },
    ]);
  });

  it('are read once, and cost logins nothing from then on', async () => {
    await admin.put('/groups/visitors', { second_factor: 'off' });
    expectTokens(await stack.login(ALICE));
    const recording = recordSent(stack.database);
    expectTokens(await stack.login(ALICE));
    recording.stop();
    expect(recording.sent.length).toBeGreaterThan(0);
    expect(recording.sent.filter(({ text }) => text.includes('user_groups'))).toEqual([]);
  });

  it('are refused where they are wrong, or the administrator may not set them', async () => {
    expectProblem(await admin.put(STAFF, { second_factor: 'sometimes' }), 400, 'invalid_request', [
      'second_factor',
    ]);
    expectProblem(await admin.put(STAFF, { second_factor_from: '2027-02-30' }), 400, 'invalid_request', [
      'second_factor_from',
    ]);
    expectProblem(await admin.put(`/groups/${'x'.repeat(256)}`, {}), 400, 'invalid_request', ['name']);
    expectProblem(await admin.get(STAFF), 404, 'not_found');
    expectProblem(await admin.delete(STAFF), 404, 'not_found');
    const manager = await administrationBy(stack, CLIENT_MANAGER, 'admin:clients');
    const reader = await administrationBy(stack, READER, 'admin:users:read');
    expectProblem(await manager.put(STAFF, {}), 403, 'insufficient_scope');
    expectProblem(await reader.put(STAFF, {}), 403, 'insufficient_scope');
    expectProblem(await reader.delete(STAFF), 403, 'insufficient_scope');
    expect((await reader.get('/groups')).status).toBe(200);
  });

  it('are managed by the command line', async () => {
    const set = 'groups set staff --second-factor required --second-factor-from 2999-01-01 --json';
    const staff = { name: 'staff', second_factor: 'required', second_factor_from: '2999-01-01' };
    expect((await run(set)).json).toEqual(staff);
    expect((await run('groups list --json')).json).toEqual([staff]);
    const off = await run('groups set staff --second-factor off --second-factor-from none --json');
    expect(off.json).toEqual({ ...staff, second_factor: 'off', second_factor_from: null });
    await run('groups delete staff');
    expect((await run('groups list --json')).json).toEqual([]);
  });

  it.each(isShared ? ['on the database', 'online'] : ['online'])(
    'are in the configuration file, applied %s',
    async (where) => {
      const environment = where === 'online' ? online() : offlineEnvironment(database);
      const flag = where === 'online' ? ' --online' : '';
      const groups = [
        { name: 'staff', second_factor: 'required', second_factor_from: '2020-01-01' },
        { name: 'visitors', second_factor: 'off' },
      ];
      const shown = await run(`apply -f ${file({ groups })} --dry-run${flag}`, environment);
      expect(shown.stdout).toMatch(/^Groups\n {2}\+ staff\n {6}second_factor: required\n/);
      expect(await isAsked(BOB)).toBe(false);
      await run(`apply -f ${file({ groups })}${flag}`, environment);
      expect(await isAsked(BOB)).toBe(true);
      const exported = await run(`export${flag} --format json`, environment);
      expect(exported.json).toMatchObject({ groups });
      const again = await run(`apply -f ${file({ groups })} --dry-run --json${flag}`, environment);
      const { changes = [] } = again.json as { changes?: { action: string }[] };
      expect(changes.every(({ action }) => action === 'unchanged')).toBe(true);
      const wrong = { groups: [{ name: 'staff', second_factor: 'never' }, { name: 'a' }, { name: 'a' }] };
      const refused = await latchkey.run(['apply', '-f', file(wrong), ...(flag ? ['--online'] : [])], {
        environment,
      });
      expect(refused.status).toBe(1);
      expect(refused.stderr).toContain('groups[0].second_factor');
      expect(refused.stderr).toContain('groups[2].name: is the same as in groups[1]');
    },
  );

  itWithOthers('are deleted by a file that is pruned, and stay where it has no groups', async () => {
    await admin.put('/groups/staff', { second_factor: 'required' });
    const environment = offlineEnvironment(database);
    await run(`apply -f ${file({ scopes: [] })} --prune --yes`, environment);
    expect(await isAsked(BOB)).toBe(true);
    const { stdout } = await run(`apply -f ${file({ groups: [] })} --prune --yes`, environment);
    expect(stdout).toContain('- staff');
    expect(await isAsked(BOB)).toBe(false);
  });

  itWithOthers('are known to another server at once', async () => {
    const other = await startStack(dialect, { database, configuration: () => configuration(stack.issuer) });
    try {
      expectTokens(await other.login(BOB));
      await admin.put('/groups/staff', { second_factor: 'required' });
      await eventually(async () => expect((await other.login(BOB)).status).toBe(403));
    } finally {
      await other.stop();
    }
  });

  it('are the strictest, and nothing weaker of client or user takes them away', async () => {
    const { json } = await admin.get(`/users?username=${BOB.username}`);
    const path = `/users/${(json as { data: { sub: string }[] }).data[0]?.sub}`;
    await admin.patch(path, { second_factor: 'off' });
    await admin.put('/groups/visitors', { second_factor: 'off' });
    expectTokens(await stack.login(BOB));
    await admin.put('/groups/staff', { second_factor: 'required' });
    expectOAuthError(await stack.login(BOB), 403, 'mfa_required');
  });
});
