import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { FreshnessStatus } from '@latchkey/resource-server';
import { startApplication, untilState } from '../library/support/guarded-application.js';
import { administerClient, administerUser, newClient, newUserLike } from '../support/administration.js';
import { ALICE, API, RESOURCE_SERVER } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { eventually } from '../support/eventually.js';
import { Servers } from '../support/servers.js';
import { expectSession } from '../support/sessions.js';
import type { Stack } from '../support/stack.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { RevocationLedger, type LedgerToken } from './revocation-ledger.js';

/** Milliseconds; heartbeats come every second. */
const MAX_STALENESS = 2000;

/** What a server may not have heard of from the others, and so what introspection may be behind. */
const REPLICA_STALENESS = 2000;

const BOUND = MAX_STALENESS + REPLICA_STALENESS;

/** Beyond the bound, so that what is accepted too long is caught. */
const OUTAGE = BOUND + 500;

interface Guard {
  readonly name: string;
  readonly proxy: TcpProxy;
  readonly status: FreshnessStatus;
  ask(entry: LedgerToken): Promise<number>;
  stop(): Promise<void>;
}

describeEachDatabase('What is revoked while the network or a server fails', (dialect) => {
  const ledger = new RevocationLedger(BOUND);
  const guards: Guard[] = [];
  let servers: Servers;
  let asking = true;
  let askers: Promise<unknown>[] = [];

  const here = (): Stack => servers.first;
  const atEachGuard = (act: (guard: Guard, index: number) => unknown): Promise<unknown> =>
    Promise.all(guards.map((guard, index) => act(guard, index)));

  /** @returns how to ask an application behind the guard that reaches the server only through a proxy */
  const startGuard = async (name: string, index: number, isLocal: boolean): Promise<Guard> => {
    const proxy = await TcpProxy.inFrontOfServer(servers.of(index).issuer);
    const application = await startApplication({
      introspectionEndpoint: `${proxy.url}/oauth/introspect`,
      clientId: RESOURCE_SERVER.clientId,
      clientSecret: RESOURCE_SERVER.secret,
      issuer: 'https://login.example.com',
      audience: API,
      // Both wait no longer than an answer may be old.
      timeoutMs: index === 1 ? 30_000 : 1000,
      revocationFeed: { endpoint: `${proxy.url}/oauth/revocations`, maxStalenessMs: MAX_STALENESS },
      ...(isLocal && { validation: 'local', jwks: { uri: `${proxy.url}/oauth/jwks` } }),
    });
    const url = await application.getUrl();
    const ask = async (entry: LedgerToken): Promise<number> => {
      const startedAt = performance.now();
      const response = await fetch(url, { headers: { authorization: `Bearer ${entry.token}` } });
      await response.arrayBuffer();
      ledger.note(name, entry, startedAt, response.status);
      return response.status;
    };
    const stop = async (): Promise<void> => {
      await application.close();
      proxy.thaw();
      await proxy.cut().catch(() => undefined);
    };
    return { name, proxy, status: application.get(FreshnessStatus), ask, stop };
  };

  /** Asks about the youngest tokens, again and again. */
  const keepAsking = async (guard: Guard): Promise<void> => {
    for (let turn = 0; asking; turn++) {
      const entry = ledger.tokens.at(-1 - (turn % Math.min(6, ledger.tokens.length)));
      if (entry !== undefined) await guard.ask(entry);
      await sleep(5);
    }
  };

  const login = async (
    name: string,
    stack: Stack,
    ...rest: Parameters<Stack['login']>
  ): Promise<LedgerToken> => ledger.add(name, expectSession(await stack.login(...rest)).access_token);

  beforeAll(async () => {
    servers = await Servers.start(dialect, { realSync: true });
    for (const [index, name] of ['cached', 'cached elsewhere', 'local'].entries()) {
      guards.push(await startGuard(name, index, name === 'local'));
    }
    await atEachGuard(({ status }) => untilState(status, 'live'));
  });

  afterAll(async () => {
    asking = false;
    await Promise.all(askers);
    await atEachGuard((guard) => guard.stop());
    await servers.stop();
  });

  /** Revokes a session, a user's and a client's while something is wrong, and puts it right. */
  const endureWhile = async (fault: string, fail: () => unknown, heal: () => unknown): Promise<void> => {
    const shop = await newClient(here());
    const closed = await newClient(here());
    const [owner, leaver] = [await newUserLike(here(), ALICE), await newUserLike(here(), ALICE)];
    const session = await login(`${fault}: session`, here(), owner, {}, shop);
    const live = await login(`${fault}: live`, here(), owner, {}, shop);
    const ofUser = await login(`${fault}: user`, here(), leaver, {}, shop);
    const ofClient = await login(`${fault}: client`, here(), owner, {}, closed);
    const all = [session, live, ofUser, ofClient];
    for (const entry of all) {
      await atEachGuard((guard) => eventually(async () => expect(await guard.ask(entry)).toBe(200)));
    }
    askers = guards.map(keepAsking);
    await fail();
    await ledger.revoke([session], () => here().revoke(session.token, shop));
    const password = 'another long password';
    await ledger.revoke([ofUser], () => administerUser(here(), leaver.username).changePassword(password));
    await ledger.revoke([ofClient], () => administerClient(here(), closed.clientId).disable());
    await heal();
    const again = await login(`${fault}: again`, here(), { ...leaver, password }, {}, shop);
    for (const entry of [session, ofUser, ofClient]) {
      await atEachGuard((guard) => eventually(async () => expect(await guard.ask(entry)).toBe(401)));
    }
    for (const entry of [live, again]) {
      await atEachGuard((guard) => eventually(async () => expect(await guard.ask(entry)).toBe(200)));
    }
    asking = false;
    await Promise.all(askers);
    asking = true;
    await atEachGuard(({ status }) => untilState(status, 'live'));
    expect(ledger.violations).toEqual([]);
  };

  it('is refused at once while all is well, and the next login works at once', async () => {
    await endureWhile(
      'nothing',
      () => undefined,
      () => undefined,
    );
  });

  it('is refused within the bound while all connections are cut', async () => {
    await endureWhile(
      'cut',
      () => atEachGuard(({ proxy }) => proxy.cut()),
      async () => {
        await sleep(OUTAGE);
        await atEachGuard(({ proxy }) => proxy.restore());
      },
    );
  });

  it('is refused within the bound while nothing gets through and nobody says so, and when it comes late', async () => {
    await endureWhile(
      'frozen',
      () => atEachGuard(({ proxy }) => proxy.freeze()),
      async () => {
        await sleep(OUTAGE);
        await atEachGuard(({ proxy }) => proxy.thaw());
      },
    );
  });

  it('is refused when connections break again and again', async () => {
    await endureWhile(
      'broken',
      () => atEachGuard(({ proxy }) => proxy.breakConnections()),
      () => atEachGuard(({ proxy }) => proxy.breakConnections()),
    );
  });

  it('is refused after the servers are restarted', async () => {
    await endureWhile(
      'restarted',
      async () => {
        await servers.restart();
        await atEachGuard(({ proxy }, index) => proxy.leadTo(servers.of(index).issuer));
      },
      () => undefined,
    );
  });

  it('is refused when those who listen are moved to the other server', async () => {
    await endureWhile(
      'moved',
      () =>
        atEachGuard(({ proxy }, index) => {
          proxy.leadTo(servers.of(index + 1).issuer);
          proxy.breakConnections();
        }),
      () => undefined,
    );
  });

  it('leaves nothing that was missed, and nothing that was refused without a reason', async () => {
    for (const entry of ledger.tokens) {
      const expected = entry.revokedAt === null ? 200 : 401;
      await atEachGuard(async (guard) =>
        expect([entry.name, await guard.ask(entry)]).toEqual([entry.name, expected]),
      );
    }
    expect(ledger.violations).toEqual([]);
    expect(ledger.verdicts.get(200)).toBeGreaterThan(0);
    expect(ledger.verdicts.get(401)).toBeGreaterThan(0);
  });
});
