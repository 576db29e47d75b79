import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { StorageUnavailableError } from './storage-unavailable.js';
import { Turns } from './turns.js';

describe('Turns', () => {
  const refusals: string[] = [];
  let turns: Turns;

  beforeEach(() => {
    jest.useFakeTimers();
    refusals.length = 0;
    turns = new Turns({
      name: 'a thing',
      places: 2,
      maxWaiting: 3,
      onRefused: (reason) => refusals.push(reason),
    });
  });

  afterEach(() => void jest.useRealTimers());

  it('are given as long as there are places, and then in the order in which they were asked for', async () => {
    await turns.enter(100);
    expect(turns.tryEnter()).toBe(true);
    expect(turns.tryEnter()).toBe(false);
    const order: number[] = [];
    const waiting = [1, 2, 3].map((number) => turns.enter(100).then(() => order.push(number)));
    expect(turns).toMatchObject({ taken: 2, waiting: 3 });
    turns.leave();
    // The place went to the first one: who comes now does not get ahead of the others.
    expect(turns.tryEnter()).toBe(false);
    turns.leave();
    turns.leave();
    await Promise.all(waiting);
    expect(order).toEqual([1, 2, 3]);
    turns.leave();
    turns.leave();
    expect(turns).toMatchObject({ taken: 0, waiting: 0 });
    expect(turns.tryEnter()).toBe(true);
  });

  it('are refused at once to more than may wait', async () => {
    turns.tryEnter();
    turns.tryEnter();
    const waiting = [1, 2, 3].map(() => turns.enter(100));
    await expect(turns.enter(100)).rejects.toThrow(StorageUnavailableError);
    expect(refusals).toEqual(['full']);
    for (let left = 0; left < 5; left++) turns.leave();
    await Promise.all(waiting);
    expect(turns).toMatchObject({ taken: 0, waiting: 0 });
  });

  it('are refused at the deadline, and the place goes to who waits yet', async () => {
    turns.tryEnter();
    turns.tryEnter();
    const late = expect(turns.enter(100)).rejects.toThrow(StorageUnavailableError);
    const later = turns.enter(200);
    jest.advanceTimersByTime(100);
    await late;
    expect(refusals).toEqual(['deadline']);
    expect(turns).toMatchObject({ taken: 2, waiting: 1 });
    turns.leave();
    await later;
    expect(turns).toMatchObject({ taken: 2, waiting: 0 });
  });
});
