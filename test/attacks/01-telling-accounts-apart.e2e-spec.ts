import { afterEach, expect, it, jest } from '@jest/globals';
import { hashSync } from 'bcryptjs';
import { PasswordHasher } from '../../apps/authorization-server/src/passwords/password-hasher.js';
import { RefusalDelay } from '../../apps/authorization-server/src/throttling/refusal-delay.js';
import { StoredHashCosts } from '../../apps/authorization-server/src/users/stored-hash-costs.js';
import { aConfiguration, ALICE, aUser } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectSameAnswer } from '../support/expectations.js';
import { FREE_ATTEMPTS, STRICT, tryPassword } from '../support/guessing.js';
import { Servers } from '../support/servers.js';

const DISABLED = { username: 'gone', password: 'was right before' };
const LEGACY = { username: 'moved', password_hash: hashSync('a password of the old system', 11) };
/** Of another system, and takes many times as long as the grid is wide here. */
const SLOW = '$2b$12$'.padEnd(60, '.');
const IDENTIFIERS = 'supabase/auth 2674, GHSA-6f65-4fv2-wwch, CVE-2024-45052, CVE-2026-23511';

// Every refusal waits for the grid, which is four slow hashes wide: on a busy machine that adds up.
jest.setTimeout(180_000);

describeEachDatabase(`No answer tells accounts apart (${IDENTIFIERS})`, (dialect) => {
  let servers: Servers;

  afterEach(() => servers.stop());

  it('unknown, wrong, disabled and locked: one answer, one verification at most, and the same grid', async () => {
    servers = await Servers.start(dialect, {
      realGrid: true,
      ...STRICT,
      configuration: aConfiguration({ users: [aUser(), aUser({ ...DISABLED, enabled: false }), LEGACY] }),
    });
    const verifications = servers.countVerifications();
    const grid = servers.first.application.get(RefusalDelay);
    expect(grid.step).toBeGreaterThan(0);
    let held = 0;
    const wait = grid.wait.bind(grid);
    grid.wait = (arrivedAt) => {
      held++;
      return wait(arrivedAt);
    };

    const attempt = async (username: string, password: string, expected: { verifications: number }) => {
      const before = { verifications: verifications.count, held };
      const answer = await tryPassword(servers.first, password, { username });
      expect(verifications.count - before.verifications).toBe(expected.verifications);
      expect(held - before.held).toBe(1);
      return answer;
    };
    const wrong = await attempt(ALICE.username, 'guess', { verifications: 1 });
    expectOAuthError(wrong, 400, 'invalid_grant');
    const others = [
      await attempt('nobody', 'guess', { verifications: 1 }),
      await attempt('no name at all', 'guess', { verifications: 1 }),
      await attempt(DISABLED.username, DISABLED.password, { verifications: 1 }),
      await attempt(LEGACY.username, 'guess', { verifications: 1 }),
    ];
    for (let guess = 1; guess < FREE_ATTEMPTS; guess++) await tryPassword(servers.first, 'guess');
    others.push(await attempt(ALICE.username, ALICE.password, { verifications: 0 }));
    expectSameAnswer(wrong, ...others);
  });

  it('what must wait takes its turn in the queue like everything else, and finds it full like everything else', async () => {
    servers = await Servers.start(dialect, {
      realGrid: true,
      ...STRICT,
      environment: {
        ...STRICT.environment,
        HASH_WORKERS: '1',
        HASH_QUEUE_LIMIT: '1',
        HASH_QUEUE_DEADLINE_MS: '60000',
      },
    });
    for (let guess = 0; guess < FREE_ATTEMPTS; guess++) await tryPassword(servers.first, 'guess');
    const hasher = servers.first.application.get(PasswordHasher);
    const verifications = servers.countVerifications();

    let over = false;
    const busy = hasher.verify(SLOW, '').finally(() => (over = true));
    expectOAuthError(await tryPassword(servers.first, 'guess'), 400, 'invalid_grant');
    expect(over).toBe(true);
    await busy;
    expect(verifications.count).toBe(1);

    const full = [hasher.verify(SLOW, ''), hasher.verify(SLOW, '')];
    const throttled = tryPassword(servers.first, 'guess');
    const admitted = tryPassword(servers.first, 'guess', { username: 'nobody' });
    expectOAuthError(await admitted, 503, 'temporarily_unavailable');
    expectSameAnswer(await admitted, await throttled);
    await Promise.all(full);
  });

  it('no account stands out by the hash that another system gave it: the grid is as wide as the slowest needs', async () => {
    servers = await Servers.start(dialect, {
      realGrid: true,
      configuration: aConfiguration({ users: [aUser(), LEGACY] }),
    });
    for (const { application } of [servers.first, servers.second]) {
      await application.get(StoredHashCosts).refresh();
      const hasher = application.get(PasswordHasher);
      expect(hasher.knows('$2b$11')).toBe(true);
      expect(application.get(RefusalDelay).step).toBeGreaterThanOrEqual(4 * hasher.slowestVerificationMs);
      expect(hasher.slowestVerificationMs).toBeGreaterThanOrEqual(hasher.verificationMs);
    }
  });
});
