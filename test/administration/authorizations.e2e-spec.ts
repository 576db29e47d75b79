import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newId } from '@latchkey/platform/database';
import sql from 'sql-template-tag';
import { MAX, NIL } from 'uuid';
import {
  administrationBy,
  EVERYTHING,
  ROOT,
  startAdministered,
  type AdminApi,
} from '../support/admin-api.js';
import { administerUser, newClient, newUserLike } from '../support/administration.js';
import { ALICE, BOB, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectProblem, expectTokens } from '../support/expectations.js';
import { alterAuthorization, claimsOf, expectSession, isActive, type Session } from '../support/sessions.js';
import type { Stack } from '../support/stack.js';

interface Listed {
  id: string;
  username: string | null;
  client_id: string | null;
  state: string;
  refreshes_left: number | null;
}

describeEachDatabase('Administration of authorizations', (dialect) => {
  let stack: Stack;
  let admin: AdminApi;

  beforeAll(async () => {
    stack = await startAdministered(dialect);
    admin = await administrationBy(stack, ROOT, EVERYTHING);
  });

  afterAll(() => stack.stop());

  const list = async (query: string): Promise<Listed[]> => {
    const answer = await admin.get(`/authorizations?${query}`);
    expect(answer.status).toBe(200);
    return (answer.json as { data: Listed[] }).data;
  };
  const idOf = (session: Session): string => claimsOf(session).sid;
  const stateOf = async (session: Session): Promise<string> =>
    ((await admin.get(`/authorizations/${idOf(session)}`)).json as Listed).state;

  it('tells who, which client, what, since when, from where, and nothing of the tokens', async () => {
    const owner = await newUserLike(stack, ALICE);
    const session = expectSession(await stack.login(owner));
    const refreshed = expectSession(await stack.refresh(session.refresh_token));
    const answer = await admin.get(`/authorizations/${idOf(session)}`);
    const { sub, auth_time: since } = claimsOf(session);
    expect(answer.json).toEqual({
      id: idOf(session),
      sub,
      username: owner.username,
      client_id: SHOP.clientId,
      scope: 'resources:read resources:write',
      audience: ['https://api.example.com/'],
      created_at: expect.any(String),
      last_used_at: expect.any(String),
      expires_at: expect.any(String),
      revoked_at: null,
      refreshes_left: null,
      address: '127.0.0.1',
      state: 'live',
    });
    const { created_at: created, last_used_at: used } = answer.json as Record<string, string>;
    expect(Math.floor(Date.parse(created ?? '') / 1000)).toBe(since);
    expect(Date.parse(used ?? '')).toBeGreaterThanOrEqual(Date.parse(created ?? ''));
    for (const token of [session, refreshed].flatMap((each) => [each.access_token, each.refresh_token])) {
      expect(answer.text).not.toContain(token.slice(4, 40));
    }
  });

  it('tells how often a session can be refreshed yet', async () => {
    const limited = await newClient(stack, { refreshTokenPolicy: 'limited', refreshTokenMaxUses: 3 });
    const session = expectSession(await stack.login(ALICE, {}, limited));
    await stack.refresh(session.refresh_token, {}, limited);
    const [listed] = await list(`client_id=${limited.clientId}`);
    expect(listed?.refreshes_left).toBe(2);
    const without = await newClient(stack, { refreshTokenPolicy: 'none', refreshTokenMaxUses: null });
    expectTokens(await stack.login(ALICE, {}, without));
    expect((await list(`client_id=${without.clientId}`))[0]?.refreshes_left).toBe(0);
  });

  it('lists newest first, page by page, each once', async () => {
    const owner = await newUserLike(stack, ALICE);
    const sessions: Session[] = [];
    for (let login = 0; login < 5; login++) sessions.push(expectSession(await stack.login(owner)));
    const found: string[] = [];
    let cursor = '';
    do {
      const { json } = await admin.get(`/authorizations?user=${owner.username}&limit=2${cursor}`);
      const { data, next_cursor: next } = json as { data: Listed[]; next_cursor: string | null };
      found.push(...data.map(({ id }) => id));
      cursor = next === null ? '' : `&cursor=${next}`;
    } while (cursor !== '');
    expect(found).toEqual(sessions.map(idOf).reverse());
  });

  it('finds those of a user by name, however it is written, and by sub', async () => {
    const owner = await newUserLike(stack, BOB);
    const session = expectSession(await stack.login(owner));
    const { sub } = claimsOf(session) as unknown as { sub: string };
    for (const user of [owner.username, owner.username.toUpperCase(), sub]) {
      expect((await list(`user=${user}`)).map(({ id }) => id)).toEqual([idOf(session)]);
    }
    expect(await list('user=nobody')).toEqual([]);
    expect(await list(`user=${owner.username}&client_id=nobody`)).toEqual([]);
  });

  it('tells why a session is over, and finds sessions by it', async () => {
    const owner = await newUserLike(stack, ALICE);
    const login = async () => expectSession(await stack.login(owner));
    const [live, revoked, expired] = [await login(), await login(), await login()];
    await admin.delete(`/authorizations/${idOf(revoked)}`);
    await alterAuthorization(stack, expired, sql`expires_at = 1`);
    for (const [session, state] of [
      [live, 'live'],
      [revoked, 'revoked'],
      [expired, 'expired'],
    ] as const) {
      expect(await stateOf(session)).toBe(state);
      expect((await list(`user=${owner.username}&state=${state}`)).map(({ id }) => id)).toEqual([
        idOf(session),
      ]);
    }
    await administerUser(stack, owner.username).disable();
    expect(await stateOf(live)).toBe('ended');
    expect(await list(`user=${owner.username}&state=live`)).toEqual([]);
  });

  it('ends one, and does nothing the second time', async () => {
    const [session, other] = [
      expectSession(await stack.login(ALICE)),
      expectSession(await stack.login(ALICE)),
    ];
    expect((await admin.delete(`/authorizations/${idOf(session)}`)).status).toBe(204);
    expect((await admin.delete(`/authorizations/${idOf(session)}`)).status).toBe(204);
    expect(await isActive(stack, session)).toBe(false);
    expectOAuthError(await stack.refresh(session.refresh_token), 400, 'invalid_grant');
    expect(await isActive(stack, other)).toBe(true);
    const events = await admin.get(`/audit-events?kind=authorization_revoked&actor=${ROOT.clientId}`);
    const revoked = (events.json as { data: { sid: string }[] }).data.filter(
      ({ sid }) => sid === idOf(session),
    );
    expect(revoked).toHaveLength(1);
  });

  it('ends all of a user, who can log in again at once', async () => {
    const owner = await newUserLike(stack, ALICE);
    const [session, other] = [expectSession(await stack.login(owner)), expectSession(await stack.login(BOB))];
    expect((await admin.post('/authorizations/revoke', { user: owner.username })).status).toBe(204);
    expect(await isActive(stack, session)).toBe(false);
    expect(await stateOf(session)).toBe('ended');
    expect(await isActive(stack, other)).toBe(true);
    expect(await isActive(stack, expectSession(await stack.login(owner)))).toBe(true);
  });

  it('ends all of a client', async () => {
    const client = await newClient(stack);
    const [session, other] = [
      expectSession(await stack.login(ALICE, {}, client)),
      expectSession(await stack.login(ALICE)),
    ];
    expect((await admin.post('/authorizations/revoke', { client_id: client.clientId })).status).toBe(204);
    expect(await isActive(stack, session)).toBe(false);
    expect(await isActive(stack, other)).toBe(true);
  });

  it('hides what clients do on their own behalf, unless asked', async () => {
    expect(await list(`client_id=${ROOT.clientId}`)).toEqual([]);
    const [own] = await list(`client_id=${ROOT.clientId}&include_client_credentials=true`);
    expect(own).toMatchObject({ username: null, client_id: ROOT.clientId, state: 'live' });
  });

  it('tells who still uses the password grant', async () => {
    const client = await newClient(stack);
    const owner = await newUserLike(stack, ALICE);
    await stack.login(owner, {}, client);
    await stack.login(owner, {}, client);
    const { json } = await admin.get('/password-grant-usage');
    const usage = (json as { data: { client_id: string }[] }).data;
    expect(usage.find((each) => each.client_id === client.clientId)).toMatchObject({ users: 1, logins: 2 });
    const users = await admin.get(`/password-grant-usage/${client.clientId}/users`);
    expect(users.json).toMatchObject({ data: [{ username: owner.username, logins: 2 }], next_cursor: null });
    const later = await admin.get('/password-grant-usage?since=2999-01-01T00:00:00Z');
    expect(later.json).toEqual({ data: [], next_cursor: null });
  });

  it('lists all clients that use the password grant, page by page', async () => {
    const owner = await newUserLike(stack, ALICE);
    const clients = [await newClient(stack), await newClient(stack), await newClient(stack)];
    for (const client of clients) await stack.login(owner, {}, client);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query = cursor === '' ? '' : `&cursor=${cursor}`;
      const page = (await admin.get(`/password-grant-usage?limit=1${query}`)).json as {
        data: { client_id: string }[];
        next_cursor: string | null;
      };
      seen.push(...page.data.map(({ client_id: id }) => id));
      cursor = page.next_cursor;
    }
    const latestFirst = clients.map(({ clientId }) => clientId).reverse();
    expect(seen.slice(0, 3)).toEqual(latestFirst);
    expect(new Set(seen).size).toBe(seen.length);
  });

  it.each(['state=dead', 'user=', 'limit=x', 'cursor=x', 'include_client_credentials=yes', 'client=a'])(
    'refuses to list by %s',
    async (query) => {
      const [field = ''] = query.split('=');
      expectProblem(await admin.get(`/authorizations?${query}`), 400, 'invalid_request', [field]);
    },
  );

  it.each([{}, { user: 'alice', client_id: SHOP.clientId }])('refuses to end all of %j', async (body) => {
    const answer = await admin.post('/authorizations/revoke', body);
    expectProblem(answer, 400, 'invalid_request', ['client_id', 'user']);
  });

  it('knows nothing of others', async () => {
    for (const id of [newId(), 'x', NIL, MAX]) {
      expectProblem(await admin.get(`/authorizations/${id}`), 404, 'not_found');
      expectProblem(await admin.delete(`/authorizations/${id}`), 404, 'not_found');
    }
    expectProblem(await admin.post('/authorizations/revoke', { user: 'nobody' }), 404, 'not_found');
    expectProblem(await admin.post('/authorizations/revoke', { client_id: 'nobody' }), 404, 'not_found');
  });
});
