import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { newId } from '@latchkey/platform/database';
import sql from 'sql-template-tag';
import { MAX, NIL } from 'uuid';
import { PasswordHasher } from '../../apps/authorization-server/src/passwords/password-hasher.js';
import { administerUser, newUserLike, type Owner } from '../support/administration.js';
import { aClient, aConfiguration, ALICE, API, BOB, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectBearerChallenge, expectOAuthError, expectTokens } from '../support/expectations.js';
import { api, type Answer } from '../support/http.js';
import { duringNextVerification } from '../support/races.js';
import { startStack, type Stack } from '../support/stack.js';
import { openTransaction } from '../support/transaction.js';

interface Authorization {
  id: string;
  client_id: string;
  client_name: string;
  scope: string;
  refreshed_at: string | null;
  current: boolean;
}

describeEachDatabase('Self-service under /account', (dialect) => {
  let stack: Stack;
  let owner: Owner;
  let other: Owner;

  beforeAll(async () => {
    stack = await startStack(dialect, {
      // The issuer is the audience of tokens for the server's own API, and it is known only once the port is.
      configuration: (issuer) =>
        aConfiguration({
          clients: [
            aClient({
              grant_types: ['password', 'refresh_token', 'client_credentials'],
              scope: 'account resources:read',
              default_scope: 'account resources:read',
              audience: [issuer, API],
            }),
          ],
        }),
    });
  });

  afterAll(() => stack.stop());

  beforeEach(async () => {
    owner = await newUserLike(stack, ALICE);
    other = await newUserLike(stack, BOB);
  });

  const account = (method: 'GET' | 'PUT' | 'DELETE', path: string, token: string | null, body?: unknown) =>
    api(method, `${stack.issuer}/account${path}`, token, body);

  const logIn = async (user: Owner) => expectTokens(await stack.login(user));

  const hashOf = (password: string) => stack.application.get(PasswordHasher).hash(password);

  const listed = (answer: Answer): Authorization[] => {
    expect(answer.status).toBe(200);
    return (answer.json as { data: Authorization[] }).data;
  };

  it('lists the logins of the owner, newest first, and nobody else’s', async () => {
    const first = await logIn(owner);
    const second = await logIn(owner);
    await logIn(other);
    expectTokens(await stack.refresh(first.refresh_token ?? ''));
    const authorizations = listed(await account('GET', '/authorizations', second.access_token));
    expect(authorizations).toMatchObject([
      { client_id: SHOP.clientId, scope: 'account resources:read', refreshed_at: null, current: true },
      { refreshed_at: expect.any(String), current: false },
    ]);
    expect(authorizations).toHaveLength(2);
    expect(JSON.stringify(authorizations)).not.toMatch(/lkr_|eyJ/);
  });

  it('pages through many logins', async () => {
    for (let count = 0; count < 5; count++) await logIn(owner);
    const { access_token: token } = await logIn(owner);
    const ids: string[] = [];
    let cursor = '';
    do {
      const page = await account('GET', `/authorizations?limit=4${cursor}`, token);
      ids.push(...listed(page).map(({ id }) => id));
      const next = (page.json as { next_cursor: string | null }).next_cursor;
      cursor = next === null ? '' : `&cursor=${next}`;
    } while (cursor !== '');
    expect(new Set(ids).size).toBe(6);
    expect(ids).toEqual([...ids].sort().reverse());
    expectOAuthError(await account('GET', '/authorizations?limit=0', token), 400, 'invalid_request');
    expectOAuthError(await account('GET', '/authorizations?cursor=x', token), 400, 'invalid_request');
  });

  it('revokes one login, and refuses what is not the owner’s', async () => {
    const stolen = await logIn(owner);
    const mine = await logIn(owner);
    const bobs = await logIn(other);
    const stolenOne = listed(await account('GET', '/authorizations', mine.access_token)).find(
      ({ current }) => !current,
    );
    const path = `/authorizations/${stolenOne?.id}`;
    expectOAuthError(await account('DELETE', path, bobs.access_token), 404, 'not_found');
    expect(expectTokens(await stack.refresh(stolen.refresh_token ?? '')).access_token).toBeTruthy();
    expect((await account('DELETE', path, mine.access_token)).status).toBe(204);
    expectOAuthError(await stack.refresh(stolen.refresh_token ?? ''), 400, 'invalid_grant');
    expectOAuthError(await account('DELETE', path, mine.access_token), 404, 'not_found');
    expectOAuthError(
      await account('DELETE', `/authorizations/${newId()}`, mine.access_token),
      404,
      'not_found',
    );
    for (const id of ['1', NIL, MAX]) {
      expectOAuthError(await account('DELETE', `/authorizations/${id}`, mine.access_token), 404, 'not_found');
    }
    expect((await account('GET', '/authorizations', mine.access_token)).status).toBe(200);
  });

  it('changes the password only with the current one, and ends all sessions', async () => {
    const { access_token: token, refresh_token: refreshToken = '' } = await logIn(owner);
    const change = (current: unknown, next: unknown) =>
      account('PUT', '/password', token, { current_password: current, new_password: next });
    expectOAuthError(await change('a wrong one', 'a new long password'), 403, 'access_denied');
    expectOAuthError(await change(owner.password, 'short'), 400, 'invalid_request');
    expectOAuthError(await change({ $ne: '' }, 'a new long password'), 400, 'invalid_request');
    expect((await change(owner.password, 'a new long password')).status).toBe(204);
    expectBearerChallenge(await account('GET', '/authorizations', token), 401, 'invalid_token');
    expectOAuthError(await stack.refresh(refreshToken), 400, 'invalid_grant');
    expectOAuthError(await stack.login(owner), 400, 'invalid_grant');
    expectTokens(await stack.login({ ...owner, password: 'a new long password' }));
  });

  it.each(['another password', 'disabling', 'deletion'])(
    'does not overtake an administrator: %s while the current password is being verified',
    async (change) => {
      const { access_token: token } = await logIn(owner);
      const alice = administerUser(stack, owner.username);
      duringNextVerification(stack, async () => {
        if (change === 'disabling') await alice.disable();
        else if (change === 'deletion') await alice.delete();
        else await alice.setPasswordHash(await hashOf('set by an administrator'));
      });
      const body = { current_password: owner.password, new_password: 'set by a thief of tokens' };
      expectOAuthError(await account('PUT', '/password', token, body), 403, 'access_denied');
      expectOAuthError(
        await stack.login({ ...owner, password: 'set by a thief of tokens' }),
        400,
        'invalid_grant',
      );
      if (change === 'another password') {
        expectTokens(await stack.login({ ...owner, password: 'set by an administrator' }));
      }
    },
  );

  it('does not overtake an administrator whose change is not committed yet', async () => {
    if (dialect === 'sqlite') return; // where there is one unit of work at a time
    const { access_token: token } = await logIn(owner);
    const administrator = await openTransaction(stack.database);
    await administrator.query(`UPDATE users SET epoch = epoch + 1 WHERE username = '${owner.username}'`);
    const body = { current_password: owner.password, new_password: 'set by a thief of tokens' };
    const change = account('PUT', '/password', token, body);
    await administrator.isWaitedFor();
    await administrator.commit();
    expectOAuthError(await change, 403, 'access_denied');
    expectTokens(await stack.login(owner));
  });

  it('counts guesses at the current password in the audit trail', async () => {
    const { access_token: token } = await logIn(owner);
    const body = { current_password: 'a guess', new_password: 'a new long password' };
    for (let guess = 0; guess < 3; guess++) await account('PUT', '/password', token, body);
    const rows = await stack.database.query<{ count: number }>(
      sql`SELECT count FROM audit_events WHERE kind = 'password_changed' AND outcome = 'failure'
        AND subject = (SELECT sub FROM users WHERE username = ${owner.username})`,
    );
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(3);
  });

  it('needs an owner’s token with the scope and for this server', async () => {
    expectBearerChallenge(await account('GET', '/authorizations', null), 401, null);
    const narrow = expectTokens(await stack.login(owner, { scope: 'resources:read' }));
    expectBearerChallenge(
      await account('GET', '/authorizations', narrow.access_token),
      403,
      'insufficient_scope',
    );
    const elsewhere = expectTokens(await stack.login(owner, { resource: API }));
    expectBearerChallenge(
      await account('GET', '/authorizations', elsewhere.access_token),
      401,
      'invalid_token',
    );
    const clients = expectTokens(await stack.token({ grant_type: 'client_credentials', scope: 'account' }));
    const refused = await account('GET', '/authorizations', clients.access_token);
    expect({ status: refused.status, body: refused.json }).toMatchObject({
      status: 403,
      body: { error: 'access_denied' },
    });
    const { refresh_token: refreshToken = '' } = await logIn(owner);
    expectBearerChallenge(await account('GET', '/authorizations', refreshToken), 401, 'invalid_token');
  });
});
