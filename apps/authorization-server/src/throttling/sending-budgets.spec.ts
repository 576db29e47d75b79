import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Transaction } from '@latchkey/platform/database';
import sql, { type Sql } from 'sql-template-tag';
import { AThrottle, DATA_KEYS } from './a-throttle.spec-support.js';
import { SendingBudgets, SendingBudgetSpentError, type SendingBudget } from './sending-budgets.js';

const NOW = 1_800_000_000_000;
const REFILL_S = 1800;
const budget = (size: number, name = 'alice', kind: SendingBudget['kind'] = 'account') => ({
  kind,
  name,
  size,
});

describe('SendingBudgets', () => {
  let subject: AThrottle;
  let budgets: SendingBudgets;
  let now: number;

  beforeEach(async () => {
    subject = await AThrottle.create();
    budgets = new SendingBudgets(subject.database, DATA_KEYS);
    now = NOW;
    subject.setTime(now);
  });

  afterEach(() => subject.remove());

  /** `sent`, or the kind of the budget that is spent and the seconds to wait. */
  const send = async (...wanted: SendingBudget[]): Promise<string> => {
    try {
      await subject.database.transaction((tx) => budgets.take(tx, wanted));
      return 'sent';
    } catch (error) {
      expect(error).toBeInstanceOf(SendingBudgetSpentError);
      const { kind, retryAfter } = error as SendingBudgetSpentError;
      return `${kind} ${retryAfter}`;
    }
  };
  const sendUntilSpent = async (wanted: SendingBudget): Promise<[number, string]> => {
    for (let sent = 0; ; sent++) {
      const outcome = await send(wanted);
      if (outcome !== 'sent') return [sent, outcome];
    }
  };
  const pass = (seconds: number) => subject.setTime((now += seconds * 1000));

  it.each([
    [1, 1800],
    [3, 600],
    [7, 258],
  ])('allows %d messages at once, and then one after %d seconds', async (size, retryAfter) => {
    expect(await sendUntilSpent(budget(size))).toEqual([size, `account ${retryAfter}`]);
  });

  it('is refilled evenly', async () => {
    await sendUntilSpent(budget(3));
    pass(599.5);
    expect(await send(budget(3))).toBe('account 1');
    pass(0.5);
    expect(await send(budget(3))).toBe('sent');
    expect(await send(budget(3))).toBe('account 600');
    pass(700);
    expect(await sendUntilSpent(budget(3))).toEqual([1, 'account 500']);
  });

  it('is full again after half an hour, and never more than full', async () => {
    await sendUntilSpent(budget(3));
    pass(REFILL_S);
    expect((await sendUntilSpent(budget(3)))[0]).toBe(3);
    pass(10 * REFILL_S);
    expect((await sendUntilSpent(budget(3)))[0]).toBe(3);
  });

  it('names the reason of a refusal', async () => {
    await sendUntilSpent(budget(1, 'shop', 'client'));
    const taken = subject.database.transaction((tx) => budgets.take(tx, [budget(1, 'shop', 'client')]));
    await expect(taken).rejects.toThrow('Too many messages for the client');
  });

  it('counts every kind and every name by itself', async () => {
    await sendUntilSpent(budget(1));
    expect(await send(budget(1, 'bob'))).toBe('sent');
    expect(await send(budget(1, 'alice', 'address'))).toBe('sent');
    expect(await send(budget(1, 'alice', 'client'))).toBe('sent');
    expect(await send(budget(1))).toBe('account 1800');
  });

  it('counts a message in all of its budgets or in none', async () => {
    await sendUntilSpent(budget(1));
    for (let attempt = 0; attempt < 3; attempt++) {
      // On both sides of the spent budget in their order.
      const others = [budget(2, `${attempt}`, 'address'), budget(2, 'shop', 'client')];
      expect(await send(...others, budget(1))).toBe('account 1800');
      for (const other of others) expect((await sendUntilSpent({ ...other, size: 2 }))[0]).toBe(2);
      pass(REFILL_S);
      await sendUntilSpent(budget(1));
    }
  });

  it('takes them in one order, whatever the order in which they are named', async () => {
    const wanted = [...'abcdef'].map((name) => budget(1, name));
    const orders = [wanted, [...wanted].reverse()].map(async (named) => {
      const keys: unknown[] = [];
      const query = (statement: Sql) => Promise.resolve([keys.push(statement.values[0])]);
      await budgets.take({ query } as unknown as Transaction, named);
      return keys;
    });
    const [forward, backward] = await Promise.all(orders);
    expect(forward).toHaveLength(6);
    expect(backward).toEqual(forward);
  });

  it('counts as full after the clock was set back', async () => {
    await sendUntilSpent(budget(3));
    pass(-10);
    expect(await sendUntilSpent(budget(3))).toEqual([3, 'account 600']);
    expect((await sendUntilSpent(budget(3)))[0]).toBe(0);
  });

  it('keeps its row until it is full again', async () => {
    await send(budget(3));
    pass(100);
    await send(budget(3));
    const rows = await subject.database.query(sql`SELECT expires_at, known, attempts FROM throttles`);
    expect(rows).toEqual([{ expires_at: now + REFILL_S * 1000, known: 0, attempts: 0 }]);
  });
});
