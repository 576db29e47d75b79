import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { TokenResponse } from '@latchkey/contracts';
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import sql from 'sql-template-tag';
import {
  DataKeysService,
  RotationTooSoonError,
} from '../../apps/authorization-server/src/data-keys/data-keys.service.js';
import { DataKeyInitialiser } from '../../apps/authorization-server/src/data-keys/data-key-initialiser.js';
import { ROTATING_PURPOSES } from '../../apps/authorization-server/src/data-keys/data-key.js';
import { aClient, aConfiguration, ALICE, API, aResourceServer, OTHER, SHOP } from '../support/builders.js';
import { createDatabase, describeEachDatabase, type TestDatabase } from '../support/databases.js';
import { eventually } from '../support/eventually.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { send } from '../support/http.js';
import { aClientNamed, credentialsOf } from '../support/sessions.js';
import { startStack, type Stack, type StackOptions } from '../support/stack.js';

const RSA = credentialsOf('rsa-backend');
const CONTEXT = { actor: 'test', address: null, requestId: null };

describeEachDatabase('Data keys and the master key', (dialect) => {
  let database: TestDatabase;
  const stacks: Stack[] = [];

  const configuration = aConfiguration({
    clients: [
      aClient(),
      aClient({ client_id: OTHER.clientId, client_secret: OTHER.secret, access_token_format: 'opaque' }),
      aClientNamed(RSA.clientId, { access_token_signing_alg: 'RS256' }),
      aResourceServer(),
    ],
  });

  const start = async (options: StackOptions = {}): Promise<Stack> => {
    const stack = await startStack(dialect, { configuration, database, ...options });
    stacks.push(stack);
    return stack;
  };

  const rotateAll = async (stack: Stack): Promise<void> => {
    const keys = stack.application.get(DataKeysService);
    for (const purpose of ROTATING_PURPOSES) await keys.rotate(purpose, CONTEXT, { force: true });
  };

  beforeEach(async () => {
    database = await createDatabase(dialect);
  });

  afterEach(async () => {
    for (const stack of stacks.splice(0)) await stack.stop();
    await database.drop();
  });

  it('publishes the key that comes next before it is used', async () => {
    const stack = await start();
    const before = (await send(`${stack.issuer}/oauth/jwks`)).json as JSONWebKeySet;
    expect(before.keys).toHaveLength(4);
    await rotateAll(stack);
    for (const alg of ['ES256', 'RS256']) {
      const client = alg === 'ES256' ? SHOP : RSA;
      const { access_token: token } = expectTokens(await stack.login(ALICE, {}, client));
      const verified = await jwtVerify(token, createLocalJWKSet(before), { audience: API });
      expect(verified.protectedHeader.alg).toBe(alg);
    }
    const after = (await send(`${stack.issuer}/oauth/jwks`)).json as JSONWebKeySet;
    expect(after.keys).toHaveLength(6);
    expect(JSON.stringify(after)).not.toContain('"d"');
  });

  it('gives an installation of before RS256 its keys, once, however many servers start', async () => {
    const first = await start();
    await first.database.execute(sql`DELETE FROM data_keys WHERE purpose = 'signing-rs256'`);
    const servers = dialect === 'postgres' ? [first, await start(), await start()] : [first];
    const initialise = (stack: Stack) =>
      stack.application.get(DataKeyInitialiser, { strict: false }).initialise();
    await first.database.execute(sql`DELETE FROM data_keys WHERE purpose = 'signing-rs256'`);
    await Promise.all(servers.map(initialise));
    const rows = await first.database.query(sql`
      SELECT state FROM data_keys WHERE purpose = 'signing-rs256' ORDER BY state`);
    expect(rows).toEqual([{ state: 'active' }, { state: 'next' }]);
    for (const stack of servers) {
      await eventually(async () => expectTokens(await stack.login(ALICE, {}, RSA)));
    }
  });

  it('waits until every replica knows the next key, except in an emergency', async () => {
    const stack = await start();
    const keys = stack.application.get(DataKeysService);
    await expect(keys.rotate('signing', CONTEXT)).rejects.toThrow(RotationTooSoonError);
    await stack.database.execute(sql`UPDATE data_keys SET created_at = created_at - 600000`);
    await keys.rotate('signing', CONTEXT);
    await expect(keys.rotate('signing', CONTEXT)).rejects.toThrow(RotationTooSoonError);
    await keys.rotate('signing', CONTEXT, { force: true });
  });

  it('rotates all keys under load without a failed request, and old tokens go on', async () => {
    const stack = await start();
    const old = expectTokens(await stack.login(ALICE));
    const oldOpaque = expectTokens(await stack.login(ALICE, {}, OTHER));
    const load = startLoad([stack]);
    await load.answered();
    for (let round = 0; round < 5; round++) await rotateAll(stack);
    await load.stop();

    for (const { access_token: token } of [old, oldOpaque]) {
      expect((await stack.introspect(token)).json).toMatchObject({ active: true });
    }
    expectTokens(await stack.refresh(old.refresh_token ?? ''));
    expectTokens(await stack.refresh(oldOpaque.refresh_token ?? '', {}, OTHER));
  }, 90_000);

  it('revokes keys at once: whatever they made is refused, and what others made goes on', async () => {
    const stack = await start();
    const keys = stack.application.get(DataKeysService);
    const before = (await send(`${stack.issuer}/oauth/jwks`)).json as JSONWebKeySet;
    const jwt = expectTokens(await stack.login(ALICE));
    const opaque = expectTokens(await stack.login(ALICE, {}, OTHER));
    const active = async ({ access_token: token }: TokenResponse): Promise<unknown> =>
      ((await stack.introspect(token)).json as { active: unknown }).active;
    expect([await active(jwt), await active(opaque)]).toEqual([true, true]);

    await keys.revoke(['signing'], CONTEXT);
    expect([await active(jwt), await active(opaque)]).toEqual([false, true]);
    const after = (await send(`${stack.issuer}/oauth/jwks`)).json as JSONWebKeySet;
    const kids = ({ keys: published }: JSONWebKeySet) => published.map(({ kid }) => kid);
    expect(kids(after)).toHaveLength(4);
    expect(kids(after).filter((kid) => kids(before).includes(kid))).toEqual([]);

    const renewed = expectTokens(await stack.refresh(jwt.refresh_token ?? ''));
    expect(await active(renewed)).toBe(true);
    await keys.revoke(['sealing', 'refresh'], CONTEXT);
    expect([await active(renewed), await active(opaque)]).toEqual([true, false]);
    expectOAuthError(await stack.refresh(renewed.refresh_token ?? ''), 400, 'invalid_grant');

    await keys.rotate('refresh', CONTEXT, { force: true });
    expectTokens(await stack.refresh(expectTokens(await stack.login(ALICE)).refresh_token ?? ''));
  });

  it('replaces the master key: both are accepted once, then the old one is refused', async () => {
    const [first, second] = [randomBytes(32), randomBytes(32)].map((key) => key.toString('base64url'));
    const environment = (key = '', previous = '') => ({
      LATCHKEY_MASTER_KEY: key,
      LATCHKEY_MASTER_KEY_PREVIOUS: previous,
      // Tokens name the issuer, which must not change with the port.
      ISSUER: 'https://issuer.example.com',
    });
    const before = await start({ environment: environment(first) });
    const old = expectTokens(await before.login(ALICE));
    await before.stop();
    stacks.pop();

    await expect(start({ environment: environment(second) })).rejects.toThrow(/master key/i);

    const during = await start({ environment: environment(second, first) });
    expect((await during.introspect(old.access_token)).json).toMatchObject({ active: true });
    expectTokens(await during.refresh(old.refresh_token ?? ''));
    await during.stop();
    stacks.pop();

    await expect(start({ environment: environment(first) })).rejects.toThrow(/master key/i);
    const after = await start({ environment: environment(second) });
    expect((await after.introspect(old.access_token)).json).toMatchObject({ active: true });
  });

  // One process serves an SQLite file.
  if (dialect === 'sqlite') return;

  it('keeps serving while another replica replaces the master key', async () => {
    const [first, second] = [randomBytes(32), randomBytes(32)].map((key) => key.toString('base64url'));
    const environment = { ISSUER: 'https://issuer.example.com' };
    const one = await start({ environment: { ...environment, LATCHKEY_MASTER_KEY: first ?? '' } });
    const load = startLoad([one]);
    await load.answered();
    const two = await start({
      environment: {
        ...environment,
        LATCHKEY_MASTER_KEY: second ?? '',
        LATCHKEY_MASTER_KEY_PREVIOUS: first ?? '',
      },
    });
    const loadOnBoth = startLoad([one, two]);
    await loadOnBoth.answered();
    await load.stop();
    await loadOnBoth.stop();
    // What it made now, no server with the new master key could read.
    await expect(rotateAll(one)).rejects.toThrow(/master key/i);
    await rotateAll(two);
  });

  it('lets go of revoked keys also where it has not the master key of the new ones', async () => {
    const [first = '', second = ''] = [randomBytes(32), randomBytes(32)].map((key) =>
      key.toString('base64url'),
    );
    const environment = { ISSUER: 'https://issuer.example.com', LATCHKEY_MASTER_KEY: first };
    const one = await start({ environment });
    const session = expectTokens(await one.login(ALICE));
    const two = await start({
      environment: { ...environment, LATCHKEY_MASTER_KEY: second, LATCHKEY_MASTER_KEY_PREVIOUS: first },
    });
    await two.application.get(DataKeysService).revoke(ROTATING_PURPOSES, CONTEXT);
    await eventually(async () => {
      expect((await one.introspect(session.access_token)).json).toEqual({ active: false });
    });
    expectOAuthError(await one.refresh(session.refresh_token ?? ''), 400, 'invalid_grant');
    // It has no key to issue anything with, until it is started with the new master key.
    expectOAuthError(await one.login(ALICE), 503, 'temporarily_unavailable');
    expectTokens(await two.login(ALICE));
  });
});

/** Clients that refresh and introspect without a pause, at any of the servers; every answer must be right. */
function startLoad(stacks: readonly [Stack, ...Stack[]]): {
  answered(): Promise<unknown>;
  stop(): Promise<void>;
} {
  let running = true;
  let turn = 0;
  const next = (): Stack => stacks[turn++ % stacks.length] ?? stacks[0];
  const firsts: Promise<void>[] = [];
  const client = async (first: () => void): Promise<void> => {
    let { access_token: accessToken, refresh_token: refreshToken = '' } = expectTokens(
      await next().login(ALICE),
    );
    do {
      const refreshed = await next().refresh(refreshToken);
      ({ access_token: accessToken, refresh_token: refreshToken = '' } = expectTokens(refreshed));
      expect((await next().introspect(accessToken)).json).toMatchObject({ active: true });
      first();
    } while (running);
  };
  const clients = Array.from({ length: 6 }, () => {
    let first = (): void => undefined;
    firsts.push(new Promise((resolve) => (first = resolve)));
    return client(first);
  });
  const all = Promise.all(clients);
  return {
    answered: () => Promise.race([Promise.all(firsts), all]),
    async stop() {
      running = false;
      await all;
    },
  };
}
