import { describe, expect, it } from '@jest/globals';
import { batchesOf } from './user-batches.js';

const batches = (...users: string[][]) => [...batchesOf(users, (names) => names)];

describe('batches of users', () => {
  it('keep the order, and are bounded', () => {
    const users = Array.from({ length: 250 }, (_, index) => [`user-${index}`]);
    const found = batches(...users);
    expect(found.map(({ length }) => length)).toEqual([100, 100, 50]);
    expect(found.flat()).toEqual(users);
  });

  it('have each name once, also where it is the identifier of another user', () => {
    expect(batches(['alice', 'sub-1'], ['bob', 'alice'], ['sub-1'], ['carol'])).toEqual([
      [['alice', 'sub-1']],
      [['bob', 'alice'], ['sub-1'], ['carol']],
    ]);
  });

  it('are none without users', () => {
    expect(batches()).toEqual([]);
  });
});
