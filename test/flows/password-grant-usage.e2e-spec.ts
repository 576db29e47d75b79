import { afterEach, beforeEach, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import { CleanupService } from '../../apps/authorization-server/src/cleanup/cleanup.service.js';
import {
  PasswordGrantUsage,
  type UsageFilter,
} from '../../apps/authorization-server/src/users/password-grant-usage.js';
import { administerClient, administerUser, changeClient } from '../support/administration.js';
import { aClient, aConfiguration, ALICE, aResourceServer, BOB, OTHER, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { claimsOf, expectSession, isActive } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

const PAGE = { limit: 10, after: null };

describeEachDatabase('The end of the password grant', (dialect) => {
  let stack: Stack;

  const subOfLogin = async (owner: { username: string; password: string }) =>
    String(claimsOf(expectSession(await stack.login(owner))).sub);

  const usage = () => stack.application.get(PasswordGrantUsage);

  const clients = async (filter: UsageFilter = {}) => (await usage().clients(PAGE, filter)).items;

  const users = async (clientId: string, filter: UsageFilter = {}) =>
    (await usage().users(clientId, PAGE, filter)).items;

  beforeEach(async () => {
    stack = await startStack(dialect, {
      configuration: aConfiguration({
        clients: [
          aClient({ password_grant_until: '2999-12-31', client_name: 'The shop' }),
          aClient({ client_id: OTHER.clientId, client_secret: OTHER.secret }),
          aResourceServer(),
        ],
      }),
    });
  });

  afterEach(() => stack.stop());

  it('is prepared by a report of the clients and users that still use it', async () => {
    expect(await clients()).toEqual([]);
    const sub = await subOfLogin(ALICE);
    expectTokens(await stack.login(ALICE));
    const bobs = await subOfLogin(BOB);
    expectOAuthError(await stack.login({ ...BOB, password: 'wrong' }), 400, 'invalid_grant');
    expectTokens(await stack.login(BOB, {}, OTHER));

    const lastLoginAt = expect.any(Number);
    const shop = { clientId: SHOP.clientId, clientName: 'The shop', enabled: true, lastLoginAt };
    const other = { ...shop, clientId: OTHER.clientId, clientName: OTHER.clientId, passwordGrantUntil: null };
    expect(await clients()).toEqual([
      { ...other, users: 1, withoutSecondFactor: 1, logins: 1 },
      { ...shop, passwordGrantUntil: '2999-12-31', users: 2, withoutSecondFactor: 2, logins: 3 },
    ]);
    const alice = { sub, username: ALICE.username, logins: 2, lastLoginAt };
    const bob = { sub: bobs, username: BOB.username, logins: 1, lastLoginAt };
    expect(await users(SHOP.clientId)).toEqual([alice, bob]);
    const first = await usage().users(SHOP.clientId, { limit: 1, after: null });
    expect(first.items).toEqual([alice]);
    expect(await usage().users(SHOP.clientId, { limit: 1, after: first.next })).toEqual({
      items: [bob],
      next: null,
    });
    expect(await users('nobody')).toEqual([]);

    await stack.database.execute(
      sql`UPDATE password_logins SET last_at = 1000 WHERE client_key = (SELECT key FROM clients WHERE client_id = ${SHOP.clientId})`,
    );
    expect(await clients({ since: 1001 })).toMatchObject([{ clientId: OTHER.clientId }]);
    expect(await users(SHOP.clientId, { since: 1001 })).toEqual([]);
    expect(await users(SHOP.clientId, { since: 1000 })).toHaveLength(2);
  });

  it('forgets deleted users and clients', async () => {
    expectTokens(await stack.login(ALICE));
    expectTokens(await stack.login(BOB));
    expectTokens(await stack.login(BOB, {}, OTHER));
    await administerUser(stack, ALICE.username).delete();
    expect(await clients()).toMatchObject([{ users: 1 }, { users: 1 }]);
    await administerClient(stack, OTHER.clientId).delete();
    expect(await clients()).toMatchObject([{ clientId: SHOP.clientId, users: 1 }]);
    await stack.application.get(CleanupService).run();
    expect(await stack.database.query(sql`SELECT * FROM password_logins`)).toHaveLength(1);
  });

  it('ends logins and leaves the sessions that they began to their own end', async () => {
    const session = expectSession(await stack.login(ALICE));
    await changeClient(stack, SHOP.clientId, { passwordGrantUntil: '2020-01-01' });
    expectOAuthError(await stack.login(ALICE), 400, 'unauthorized_client');
    expect(await isActive(stack, session)).toBe(true);
    expectTokens(await stack.refresh(session.refresh_token));
  });
});
