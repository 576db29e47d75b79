import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Statement } from '@latchkey/platform/database';
import sql from 'sql-template-tag';
import { AThrottle } from './a-throttle.spec-support.js';
import { Places } from './places.js';
import { SourceBudgets, type SourcePlace } from './source-budgets.js';
import { ACCOUNT_REFILL_S } from './throttle-settings.js';

const NOW = 1_800_000_000_000;
const ACCOUNTS = 4;
const WINDOW_S = 3600;
const REFILL_MS = ACCOUNT_REFILL_S * 1000;
/** What one account uses up. */
const ACCOUNT_MS = REFILL_MS / ACCOUNTS;
const SOURCE = Buffer.alloc(16, 1);
const FULL = { state: 'full', key: SOURCE };
const THROTTLED = { state: 'throttled' };

/** The source at an account. */
const pairOf = (account: number) => Buffer.alloc(16, 100 + account);

describe('SourceBudgets', () => {
  let subject: AThrottle;
  let budgets: SourceBudgets;

  beforeEach(async () => {
    subject = await AThrottle.create();
    subject.setTime(NOW);
    const places = new Places(subject.database, 60_000, WINDOW_S * 1000);
    budgets = new SourceBudgets(subject.database, { sourceAccounts: ACCOUNTS, window: WINDOW_S }, places);
  });

  afterEach(() => subject.remove());

  const store = (...statements: Statement[]) => subject.database.writeTogether(statements as [Statement]);
  const reserve = (account: number, source = SOURCE) => budgets.reserve({ source, pair: pairOf(account) });
  const taken = async (account: number): Promise<SourcePlace> => {
    const admission = await reserve(account);
    if (admission.state !== 'admitted') throw new Error(`There is no place: ${admission.state}`);
    return { source: SOURCE, pair: pairOf(account), place: admission.place };
  };
  const fail = (...attempts: [SourcePlace, ...SourcePlace[]]) => {
    const { counted, marked } = budgets.fail(attempts);
    return store(counted, ...marked);
  };
  const failAt = async (...accounts: number[]) => {
    for (const account of accounts) await fail(await taken(account));
  };
  const succeedAt = async (account: number) => {
    const attempt = await taken(account);
    await store(budgets.succeed(attempt, attempt.place));
  };
  const rowOf = async (key: Buffer) => {
    const [row] = await subject.database.query<Record<string, unknown>>(
      sql`SELECT last_at, expires_at, known, pending FROM throttles WHERE key = ${key}`,
    );
    return row;
  };

  it('admit an attempt for each account at the same time, for each source', async () => {
    for (let account = 0; account < ACCOUNTS; account++) {
      expect(await reserve(account)).toEqual({
        state: 'admitted',
        place: { key: SOURCE, lease: NOW / 60_000 },
      });
    }
    expect(await reserve(ACCOUNTS)).toEqual(FULL);
    expect(await reserve(ACCOUNTS, Buffer.alloc(16, 2))).toMatchObject({ state: 'admitted' });
  });

  it('throttle a source that has failed at all its accounts, except at these accounts', async () => {
    await failAt(0, 1, 2, 3);
    expect(await reserve(4)).toEqual(THROTTLED);
    expect(await reserve(4)).toEqual(THROTTLED);
    expect(await reserve(3)).toMatchObject({ state: 'admitted' });
    expect(await reserve(4)).toEqual(THROTTLED);
  });

  it('let an attempt wait while one in flight may leave room', async () => {
    await failAt(0, 1, 2);
    const last = await taken(3);
    expect(await reserve(4)).toEqual(FULL);
    await store(budgets.succeed(last, last.place));
    expect(await reserve(4)).toMatchObject({ state: 'admitted' });
  });

  it('refill one account after another', async () => {
    await failAt(0, 1, 2, 3);
    subject.setTime(NOW + ACCOUNT_MS - 1);
    expect(await reserve(4)).toEqual(THROTTLED);
    subject.setTime(NOW + ACCOUNT_MS);
    await failAt(4);
    expect(await reserve(5)).toEqual(THROTTLED);
  });

  it('count each account of failures that are stored together once, and release all their places', async () => {
    await fail(await taken(0), await taken(0), await taken(1));
    expect(await rowOf(SOURCE)).toEqual({
      last_at: NOW + 2 * ACCOUNT_MS,
      expires_at: NOW + WINDOW_S * 1000,
      known: 0,
      pending: 0,
    });
    const counted = { last_at: NOW, expires_at: NOW + REFILL_MS, known: 0, pending: 0 };
    expect([await rowOf(pairOf(0)), await rowOf(pairOf(1))]).toEqual([counted, counted]);
  });

  it('count an account again only after its refill time, which each failure begins anew', async () => {
    await failAt(0);
    subject.setTime(NOW + REFILL_MS - 1);
    await failAt(0);
    subject.setTime(NOW + 2 * REFILL_MS - 2);
    await failAt(0);
    expect(await rowOf(SOURCE)).toMatchObject({ last_at: NOW + 2 * REFILL_MS - 2 });
    subject.setTime(NOW + 3 * REFILL_MS - 2);
    await failAt(0);
    expect(await rowOf(SOURCE)).toMatchObject({ last_at: NOW + 3 * REFILL_MS - 2 + ACCOUNT_MS });
  });

  it('give an account back when its password was right, and none that was not counted', async () => {
    await failAt(0, 1);
    await succeedAt(0);
    expect(await rowOf(SOURCE)).toMatchObject({ last_at: NOW + ACCOUNT_MS, pending: 0 });
    await succeedAt(2);
    expect(await rowOf(SOURCE)).toMatchObject({ last_at: NOW + ACCOUNT_MS, pending: 0 });
  });

  it('leave a source known at an account where it has become known during the attempt', async () => {
    const attempt = await taken(0);
    const expiresAt = NOW + 90 * 86_400_000;
    await subject.database.execute(sql`INSERT INTO throttles (key, attempts, last_at, known, expires_at)
      VALUES (${attempt.pair}, 0, ${NOW}, TRUE, ${expiresAt})`);
    await fail(attempt);
    expect(await rowOf(attempt.pair)).toMatchObject({ known: 1, expires_at: expiresAt });
    subject.setTime(expiresAt);
    await fail(await taken(0));
    expect(await rowOf(attempt.pair)).toMatchObject({ known: 0, expires_at: expiresAt + REFILL_MS });
  });

  it('forget all failures of a source', async () => {
    await failAt(0, 1, 2, 3);
    await store(budgets.forget(SOURCE));
    expect(await rowOf(SOURCE)).toMatchObject({ last_at: NOW });
    expect(await reserve(4)).toMatchObject({ state: 'admitted' });
  });

  describe('after the clock was set back', () => {
    const setBack = async (ms: number) => {
      await failAt(0);
      for (let account = 1; account <= ACCOUNTS; account++) await reserve(account);
      await subject.database.execute(sql`UPDATE throttles SET last_at = ${NOW + ms} WHERE key = ${SOURCE}`);
    };

    it('count a budget as full that would need more than the refill time', async () => {
      await setBack(REFILL_MS + 1);
      await reserve(ACCOUNTS);
      expect(await reserve(ACCOUNTS + 1)).toEqual(FULL);
      expect(await rowOf(SOURCE)).toMatchObject({ last_at: NOW });
    });

    it('leave one as it is that the refill time is enough for', async () => {
      await setBack(REFILL_MS);
      expect(await reserve(ACCOUNTS + 1)).toEqual(THROTTLED);
      expect(await rowOf(SOURCE)).toMatchObject({ last_at: NOW + REFILL_MS });
    });
  });
});
