import { afterEach, beforeEach, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import { LongestTokenLifetime } from '../../apps/authorization-server/src/changes/longest-token-lifetime.js';
import {
  DataKeysService,
  RotationTooSoonError,
} from '../../apps/authorization-server/src/data-keys/data-keys.service.js';
import { administrationBy, administrator, EVERYTHING, ROOT } from '../support/admin-api.js';
import { administerClient, administerUser } from '../support/administration.js';
import { aClient, aConfiguration, ALICE, aResourceServer, BOB, SHOP } from '../support/builders.js';
import { restoreClock, setClock } from '../support/clock.js';
import { describeEachDatabase } from '../support/databases.js';
import { eventually } from '../support/eventually.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { FREE_ATTEMPTS, STRICT, tryPassword } from '../support/guessing.js';
import { auditKindsOf, expectSession, isActive } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

const HOME = '198.51.100.7';
const HOUR = 3600;
const STEPS: [string, number][] = [
  ['3 s', 3],
  ['an hour', HOUR],
  ['80 years', 80 * 365 * 24 * HOUR],
];
/** With the deadline that servers of tests have. */
const LEASE_MS = 60_000;
const CONTEXT = { actor: 'test', requestId: null, address: null };

describeEachDatabase('A clock that steps back', (dialect) => {
  let stack: Stack;

  const bob = (password: string) =>
    tryPassword(stack, password, { username: BOB.username, from: '203.0.113.1' });
  const throttleBob = async () => {
    for (let guess = 0; guess < FREE_ATTEMPTS; guess++)
      expectOAuthError(await bob('guess'), 400, 'invalid_grant');
  };

  beforeEach(async () => {
    stack = await startStack(dialect, {
      ...STRICT,
      configuration: (issuer) =>
        aConfiguration({
          clients: [
            aClient({ forwards_end_user_address: true }),
            aResourceServer(),
            administrator(ROOT, EVERYTHING, issuer),
          ],
        }),
    });
  });

  afterEach(async () => {
    restoreClock();
    await stack.stop();
  });

  it.each(STEPS)('%s: whoever logged in before logs in, and stays logged in', async (_, seconds) => {
    setClock(stack, seconds);
    const from = { from: HOME };
    const login = await tryPassword(stack, ALICE.password, from);
    const first = expectSession(login);
    expectTokens(await stack.login(ALICE));
    const second = expectSession(await stack.refresh(first.refresh_token));

    setClock(stack, 0);
    expectTokens(await stack.login(ALICE));
    expectTokens(await tryPassword(stack, ALICE.password, from));
    const headers = { 'latchkey-device': String(login.headers['latchkey-device']) };
    expectTokens(await tryPassword(stack, ALICE.password, { from: '192.0.2.1', headers }));
    expect(await isActive(stack, second)).toBe(true);
    // Spent at a time that is yet to come: a retry, or a thief; nothing is said of it, and nothing ended.
    expectOAuthError(await stack.refresh(first.refresh_token), 503, 'temporarily_unavailable');
    expect(await auditKindsOf(stack, first)).toEqual(['login']);
    const third = expectSession(await stack.refresh(second.refresh_token));
    expect(third.refresh_token).not.toBe(second.refresh_token);
    expect(expectSession(await stack.refresh(second.refresh_token)).refresh_token).toBe(third.refresh_token);
    expect(await isActive(stack, third)).toBe(true);
  });

  it.each(STEPS)('%s: a delay counts from now, and goes on as usual', async (_, seconds) => {
    setClock(stack, seconds);
    await throttleBob();
    setClock(stack, 0);
    expectOAuthError(await bob(BOB.password), 400, 'invalid_grant');
    setClock(stack, 50);
    expectOAuthError(await bob(BOB.password), 400, 'invalid_grant');
    setClock(stack, 61);
    expectTokens(await bob(BOB.password));
  });

  it.each(STEPS)('%s: unlocking a user ends a delay at once', async (_, seconds) => {
    setClock(stack, seconds);
    await throttleBob();
    setClock(stack, 0);
    const admin = await administrationBy(stack, ROOT, 'admin:users');
    const sub = await administerUser(stack, String(BOB.username)).sub();
    expect((await admin.post(`/users/${sub}/unlock`)).status).toBe(200);
    expectTokens(await bob(BOB.password));
  });

  it.each(STEPS)('%s: places of attempts that a server did not end are free in time', async (_, seconds) => {
    setClock(stack, seconds);
    expectTokens(await bob(BOB.password));
    await stack.database.execute(sql`UPDATE throttles SET pending = ${FREE_ATTEMPTS} WHERE NOT known`);
    setClock(stack, 0);
    const waiting = tryPassword(stack, BOB.password, { username: BOB.username, from: '203.0.113.2' });
    await eventually(async () => {
      const [row] = await stack.database.query<{ lease: number }>(
        sql`SELECT MIN(lease) AS lease FROM throttles WHERE NOT known`,
      );
      expect(row?.lease).toBeLessThanOrEqual(Date.now() / LEASE_MS);
    });
    setClock(stack, 200);
    expectTokens(await waiting);
  });

  it.each(STEPS)(
    '%s: a secret of a client is as good as before, and its use is noted',
    async (_, seconds) => {
      const secret = 'another-shop-secret-0123456789abcdef';
      await administerClient(stack, SHOP.clientId).addSecret(secret, Date.now() + 10 * 60_000);
      const client = { ...SHOP, secret };
      await stack.database.execute(
        sql`UPDATE client_secrets SET last_used_at = ${Date.now() + seconds * 1000}`,
      );
      expectTokens(await stack.login(ALICE, {}, client));
      await eventually(async () => {
        const rows = await stack.database.query<{ last_used_at: number }>(
          sql`SELECT last_used_at FROM client_secrets WHERE expires_at IS NOT NULL`,
        );
        expect(rows[0]?.last_used_at).toBeLessThanOrEqual(Date.now());
      });
    },
  );

  it.each(STEPS)('%s: the next data key is put to use as soon as it is old enough', async (_, seconds) => {
    const keys = stack.application.get(DataKeysService);
    setClock(stack, seconds);
    await keys.rotate('sealing', CONTEXT, { force: true });
    setClock(stack, 0);
    await expect(keys.rotate('sealing', CONTEXT)).rejects.toThrow(RotationTooSoonError);
    setClock(stack, 60);
    await keys.rotate('sealing', CONTEXT);
  });

  it.each(STEPS)('%s: the longest lifetime of a token sinks in time', async (_, seconds) => {
    const { database } = stack;
    const lifetime = stack.application.get(LongestTokenLifetime);
    const read = () => lifetime.withMargin(database);
    const before = await read();
    await database.transaction((tx) => lifetime.cover(tx, HOUR));
    setClock(stack, seconds);
    await database.transaction((tx) => lifetime.review(tx));
    setClock(stack, 0);
    await database.transaction((tx) => lifetime.review(tx));
    expect(await read()).toBeGreaterThan(before);
    setClock(stack, 2 * HOUR);
    await database.transaction((tx) => lifetime.review(tx));
    expect(await read()).toBe(before);
  });
});
