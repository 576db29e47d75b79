import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { PasswordHasher } from '../../apps/authorization-server/src/passwords/password-hasher.js';
import { loginFlow } from '../../apps/authorization-server/src/throttling/login-source.js';
import { LoginThrottle } from '../../apps/authorization-server/src/throttling/login-throttle.js';
import { UserRepository } from '../../apps/authorization-server/src/users/user-repository.js';
import { ALICE, BOB, OTHER, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { eventually } from '../support/eventually.js';
import { expectOAuthError, expectSameAnswer, expectTokens } from '../support/expectations.js';
import { FREE_ATTEMPTS, STRICT, tryPassword } from '../support/guessing.js';
import { metricOf } from '../support/metrics.js';
import { startStack, type Stack } from '../support/stack.js';

const QUEUE = 4;
const ATTACKERS = 4 * QUEUE;
const ATTACKER = '203.0.113.66';
const HOME = '198.51.100.7';

describeEachDatabase('Who fills the hash queue waits for himself', (dialect) => {
  let stack: Stack;
  let deviceOfAlice: string;

  beforeEach(async () => {
    stack = await startStack(dialect, {
      ...STRICT,
      environment: {
        ...STRICT.environment,
        HASH_QUEUE_LIMIT: String(QUEUE),
        THROTTLE_SOURCE_ACCOUNTS: '100000',
      },
    });
    const login = await tryPassword(stack, ALICE.password, { from: HOME });
    deviceOfAlice = String(login.headers['latchkey-device']);
  });

  afterEach(() => stack.stop());

  const hasher = () => stack.application.get(PasswordHasher);

  /** Unknown names from one address, always more than the queue takes; `meanwhile` happens when it is full. */
  const besideAFlood = async (meanwhile: () => Promise<void>): Promise<Record<number, number>> => {
    const statuses: Record<number, number> = {};
    let over = false;
    let next = 0;
    const attacker = async () => {
      while (!over) {
        const { status } = await tryPassword(stack, 'guess', { username: `name-${next++}`, from: ATTACKER });
        statuses[status] = (statuses[status] ?? 0) + 1;
      }
    };
    const flood = Promise.all(Array.from({ length: ATTACKERS }, attacker));
    try {
      await eventually(() => expect(statuses[503]).toBeGreaterThan(0));
      await meanwhile();
    } finally {
      over = true;
      await flood;
    }
    return statuses;
  };

  it('right logins of known devices, known addresses and other clients are all served, and others beside them', async () => {
    const device = { 'latchkey-device': deviceOfAlice };
    const statuses = await besideAFlood(async () => {
      for (let round = 0; round < 2; round++) {
        const owners = [
          tryPassword(stack, ALICE.password, { from: ATTACKER, headers: device }),
          tryPassword(stack, ALICE.password, { from: '192.0.2.1', headers: device }),
          tryPassword(stack, ALICE.password, { from: HOME }),
          tryPassword(stack, BOB.password, { username: BOB.username, from: `192.0.2.${10 + round}` }),
          tryPassword(stack, BOB.password, { username: BOB.username, client: OTHER }),
        ];
        for (const answer of await Promise.all(owners)) expectTokens(answer);
      }
    });
    expect(Object.keys(statuses)).toEqual(['400', '503']);
    const refusals = (source: string) =>
      metricOf(stack.application, 'latchkey_hash_queue_refusals_total', { source });
    expect(await refusals('known')).toBe(0);
    expect(await refusals('unknown')).toBeGreaterThan(0);
    const lines = stack.log
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ msg }) => msg === 'a password got no turn in the hash queue');
    expect(lines).toEqual([
      expect.objectContaining({ level: 40, client: `client ${SHOP.clientId}`, source: ATTACKER }),
    ]);
  });

  it('an address whose first 64 bits are the attacker’s is his, and a device value that the server never made is none', async () => {
    const statuses: number[] = [];
    const forged = {
      'latchkey-device': `${deviceOfAlice.slice(0, -1)}${deviceOfAlice.endsWith('A') ? 'B' : 'A'}`,
    };
    const busy = fill(hasher(), '2001:db8:0:1::1');
    const lookUps = jest.spyOn(stack.application.get(UserRepository), 'findByUsername');
    for (const attempt of [
      { from: '2001:db8:0:1:ffff::2' },
      { from: '2001:db8:0:1::1', headers: forged },
      { from: '2001:db8:0:1::1', username: BOB.username, headers: { 'latchkey-device': deviceOfAlice } },
    ]) {
      statuses.push((await tryPassword(stack, ALICE.password, attempt)).status);
    }
    expect(statuses).toEqual([503, 503, 503]);
    // A forged device value costs the database nothing either.
    expect(lookUps).not.toHaveBeenCalled();
    const served = tryPassword(stack, ALICE.password, { from: '2001:db8:0:2::1' });
    expectTokens(await served);
    await busy;
  });

  it('a wrong password gains nothing by a known source: refused like a stranger’s, and counted', async () => {
    const busy = fill(hasher(), ATTACKER);
    const device = { 'latchkey-device': deviceOfAlice };
    const stranger = await tryPassword(stack, 'guess', { username: 'nobody', from: ATTACKER });
    const fromDevice = await tryPassword(stack, 'guess', { from: ATTACKER, headers: device });
    expectOAuthError(stranger, 503, 'temporarily_unavailable');
    expectSameAnswer(stranger, fromDevice);
    await busy;
    for (let guess = 1; guess < FREE_ATTEMPTS; guess++) {
      await tryPassword(stack, 'guess', { from: ATTACKER, headers: device });
    }
    const throttle = stack.application.get(LoginThrottle);
    const source = { address: ATTACKER, device: deviceOfAlice, flow: { client: '', source: '' } };
    expect(await throttle.reserve(ALICE.username, source)).toBe('too many attempts');
  });
});

/** As many passwords of one source as the queue takes, behind one that takes longer than the test needs. */
function fill(hasher: PasswordHasher, source: string): Promise<unknown> {
  const origin = { ...loginFlow(SHOP.clientId, source, ''), known: false };
  const long = hasher.verify('$2b$12$'.padEnd(60, '.'), '', origin);
  return Promise.all([
    long,
    ...Array.from({ length: QUEUE }, () => hasher.verify(null, '', origin).catch(() => null)),
  ]);
}
