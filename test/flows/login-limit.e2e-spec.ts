import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  administrationBy,
  anAdministeredConfiguration,
  EVERYTHING,
  ROOT,
  type AdminApi,
} from '../support/admin-api.js';
import { ALICE } from '../support/builders.js';
import { newClient, newUserLike, type Owner } from '../support/administration.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { isActive } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

const MAX = 3;

describeEachDatabase('A limit of logins per user', (dialect) => {
  let stack: Stack;
  let admin: AdminApi;

  beforeAll(async () => {
    stack = await startStack(dialect, {
      configuration: anAdministeredConfiguration,
      environment: { MAX_LOGINS_PER_USER: String(MAX) },
    });
    admin = await administrationBy(stack, ROOT, EVERYTHING);
  });

  afterAll(() => stack.stop());

  const login = async (owner: Owner, client?: Parameters<Stack['login']>[2]) =>
    expectTokens(await stack.login(owner, {}, client));
  const live = async ({ username }: Owner): Promise<string[]> => {
    const { data } = (await admin.get(`/authorizations?user=${username}&state=live`)).json as {
      data: { id: string }[];
    };
    return data.map(({ id }) => id);
  };

  it('ends the oldest with the next one, through whichever client', async () => {
    const owner = await newUserLike(stack, ALICE);
    const other = await newClient(stack);
    const sessions = [await login(owner), await login(owner, other), await login(owner)];
    for (const session of sessions) expect(await isActive(stack, session)).toBe(true);
    const next = await login(owner, other);
    expect(await isActive(stack, sessions[0]!)).toBe(false);
    expectOAuthError(await stack.refresh(sessions[0]!.refresh_token ?? ''), 400, 'invalid_grant');
    for (const session of [sessions[1]!, sessions[2]!, next])
      expect(await isActive(stack, session)).toBe(true);
    await login(owner);
    expect(await isActive(stack, sessions[1]!)).toBe(false);
    expect(await isActive(stack, next)).toBe(true);
  });

  it('tells the audit log which login ended, and why', async () => {
    const owner = await newUserLike(stack, ALICE);
    for (let count = 0; count < MAX; count++) await login(owner);
    const oldest = (await live(owner)).at(-1);
    await login(owner);
    const { data } = (await admin.get('/audit-events?kind=authorization_revoked&limit=1')).json as {
      data: unknown[];
    };
    expect(data).toEqual([
      expect.objectContaining({ sid: oldest, outcome: 'success', detail: { reason: 'too_many_logins' } }),
    ]);
  });

  it('counts neither the logins of others nor those that have ended', async () => {
    const [owner, neighbour] = [await newUserLike(stack, ALICE), await newUserLike(stack, ALICE)];
    const first = await login(owner);
    for (let count = 0; count < MAX; count++) await login(neighbour);
    for (let count = 0; count < MAX; count++) {
      await login(owner);
      const [newest] = await live(owner);
      expect((await admin.delete(`/authorizations/${newest}`)).status).toBe(204);
    }
    expect(await isActive(stack, first)).toBe(true);
  });

  it('holds for logins at once', async () => {
    const owner = await newUserLike(stack, ALICE);
    const answers = await Promise.all(Array.from({ length: 12 }, () => stack.login(owner)));
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(MAX);
    expect(await live(owner)).toHaveLength(MAX);
  });

  it('is off when nobody has set it', async () => {
    const unlimited = await startStack(dialect);
    try {
      const sessions = [];
      for (let count = 0; count < 5; count++) sessions.push(expectTokens(await unlimited.login(ALICE)));
      for (const session of sessions) expect(await isActive(unlimited, session)).toBe(true);
    } finally {
      await unlimited.stop();
    }
  });
});
