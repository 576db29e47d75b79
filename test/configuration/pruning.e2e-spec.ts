import { afterEach, beforeEach, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import {
  ConfigurationApplier,
  PruningChangedError,
  type ApplyOptions,
} from '../../apps/authorization-server/src/provisioning/configuration-applier.js';
import { administerUser } from '../support/administration.js';
import {
  aClient,
  aConfiguration,
  ALICE,
  aUser,
  BOB,
  OTHER,
  SHOP,
  type Configuration,
} from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { expectSession, isActive } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

const ROOT = { clientId: 'root', secret: 'root-secret-0123456789abcdefghijklmno' };

describeEachDatabase('Pruning', (dialect) => {
  let stack: Stack;

  const apply = (configuration: Partial<Configuration>, options: ApplyOptions = { prune: true }) =>
    stack.application
      .get(ConfigurationApplier, { strict: false })
      .apply({ source: 'test.json', text: JSON.stringify(configuration) }, options);

  const outcomes = async (...parameters: Parameters<typeof apply>) =>
    Object.fromEntries((await apply(...parameters))?.map(({ name, action }) => [name, action]) ?? []);

  beforeEach(async () => {
    stack = await startStack(dialect, {
      environment: {
        LATCHKEY_BOOTSTRAP_CLIENT_ID: ROOT.clientId,
        LATCHKEY_BOOTSTRAP_CLIENT_SECRET: ROOT.secret,
      },
    });
  });

  afterEach(() => stack.stop());

  it('deletes what the file does not name, ends its tokens, and says so in the audit trail', async () => {
    const session = expectSession(await stack.login(BOB));
    const pruned = aConfiguration({ users: [aUser()] });
    expect(await outcomes(pruned)).toMatchObject({
      alice: 'unchanged',
      bob: 'delete',
      [SHOP.clientId]: 'unchanged',
    });
    expect(await isActive(stack, session)).toBe(false);
    expectOAuthError(await stack.login(BOB), 400, 'invalid_grant');
    expectTokens(await stack.login(ALICE));
    const events = await stack.database.query(
      sql`SELECT actor FROM audit_events WHERE kind = 'user_deleted'`,
    );
    expect(events).toEqual([{ actor: 'configuration' }]);
  });

  it('lets a later file create again what a file deleted, and not what an administrator deleted', async () => {
    await apply(aConfiguration({ users: [aUser()] }));
    await administerUser(stack, ALICE.username).delete();
    expect(await outcomes(aConfiguration())).toMatchObject({ alice: 'keep', bob: 'create' });
    expectTokens(await stack.login(BOB));
    expectOAuthError(await stack.login(ALICE), 400, 'invalid_grant');
  });

  it('leaves alone the kinds that the file does not have', async () => {
    expect(await outcomes({ clients: [aClient()] })).toEqual({
      [SHOP.clientId]: 'unchanged',
      [OTHER.clientId]: 'delete',
      'resource-server': 'delete',
      [ROOT.clientId]: 'keep',
    });
    expectTokens(await stack.login(ALICE));
  });

  it('takes an empty list at its word', async () => {
    expect(await outcomes({ users: [] })).toEqual({ alice: 'delete', bob: 'delete' });
  });

  it('keeps clients with administrative scopes, built-in scopes and scopes that somebody has', async () => {
    const readOnly = aClient({ scope: 'resources:read', default_scope: undefined });
    const limited = aUser({ allowed_scope: 'resources:write' });
    const file = { scopes: [], clients: [readOnly], users: [limited] };
    expect(await outcomes({ ...file, scopes: [{ name: 'resources:read' }] })).toMatchObject({
      'resources:write': 'keep',
      [ROOT.clientId]: 'keep',
    });
    expect(await outcomes({ ...file, users: [aUser()] })).toMatchObject({
      'resources:read': 'keep',
      'resources:write': 'delete',
    });
    const left = await stack.database.query<{ name: string }>(sql`SELECT name FROM scopes ORDER BY name`);
    const names = left.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['account', 'admin:users', 'resources:read']));
    expect(names).not.toContain('resources:write');
  });

  it('happens although the file is the one that was applied last, and not without being asked for', async () => {
    const configuration = aConfiguration({ users: [] });
    expect(await outcomes(configuration, {})).toMatchObject({ [SHOP.clientId]: 'unchanged' });
    expect(await apply(configuration, {})).toBeNull();
    expectTokens(await stack.login(ALICE));
    expect(await outcomes(configuration)).toMatchObject({ alice: 'delete' });
  });

  it('deletes only what somebody has agreed to, or nothing at all', async () => {
    const onlyAlice = aConfiguration({ users: [aUser()] });
    const seen = (await apply(onlyAlice, { prune: true, dryRun: true })) ?? [];
    await apply({ users: [aUser({ username: 'carol' })] }, {});
    await expect(apply(onlyAlice, { prune: true, agreed: seen })).rejects.toThrow(PruningChangedError);
    expectTokens(await stack.login(BOB));
    const again = (await apply(onlyAlice, { prune: true, dryRun: true })) ?? [];
    await apply(onlyAlice, { prune: true, agreed: again });
    expectOAuthError(await stack.login(BOB), 400, 'invalid_grant');
  });
});
