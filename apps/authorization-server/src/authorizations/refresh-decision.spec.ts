import { describe, expect, it } from '@jest/globals';
import { decideRefresh, type RefreshDecision } from './refresh-decision.js';

const NOW = 1_000_000_000;
const IDLE = 600;

type Settings = Parameters<typeof decideRefresh>[2];

const SETTINGS: Settings = {
  refreshTokenGrace: 30,
  refreshTokenMaxRetries: null,
  refreshTokenIdleTtl: IDLE,
  refreshTokenMaxUses: null,
};

/** Presents a token to an authorization whose last rotation was `age` milliseconds ago (`null`: never rotated). */
function decide(
  presented: number,
  generation: number,
  age: number | null,
  settings: Partial<Settings> = {},
  retries = 0,
) {
  const state = {
    generation,
    rotatedAt: age === null ? null : NOW - age,
    createdAt: NOW - Math.max(age ?? 0, 0),
    retries,
  };
  return decideRefresh(presented, state, { ...SETTINGS, ...settings }, NOW);
}

describe('decideRefresh', () => {
  it.each<[number, number, number | null, RefreshDecision]>([
    // presented, stored, age of the last rotation
    [0, 0, null, 'rotate'],
    [1, 0, null, 'rollback'],
    [2, 0, null, 'rollback'],

    [1, 1, 0, 'repeat'],
    [1, 1, 29_999, 'repeat'],
    [1, 1, 30_000, 'rotate'],
    [1, 1, IDLE * 1000 - 1, 'rotate'],
    [1, 1, IDLE * 1000, 'expired'],
    [1, 1, -1, 'rotate'],

    [0, 1, 0, 'repeat'],
    [0, 1, 29_999, 'repeat'],
    [0, 1, 30_000, 'reuse'],
    [0, 1, IDLE * 1000, 'reuse'],
    [0, 1, -1, 'clock'],

    [0, 2, 0, 'reuse'],
    [0, 2, 30_000, 'reuse'],
    [0, 2, -1, 'reuse'],
    [0, 9, 0, 'reuse'],

    [2, 1, 0, 'rollback'],
    [2, 1, 30_000, 'rollback'],
    [2, 1, -1, 'rollback'],
  ])('generation %d presented, %d stored, rotated %s ms ago: %s', (presented, stored, age, expected) => {
    expect(decide(presented, stored, age)).toBe(expected);
  });

  it.each<[number, number, RefreshDecision]>([
    [1, 0, 'rotate'],
    [0, 0, 'reuse'],
    [0, -1, 'clock'],
    [1, -1, 'rotate'],
  ])('without a grace: generation %d of 1, rotated %d ms ago: %s', (presented, age, expected) => {
    expect(decide(presented, 1, age, { refreshTokenGrace: 0 })).toBe(expected);
  });

  it.each<[number, number, number | null, RefreshDecision]>([
    [0, 0, null, 'rotate'],
    [1, 1, 0, 'repeat'],
    [1, 1, 30_000, 'rotate'],
    // The last use gave out no generation 2, so only its retry can come.
    [1, 2, 0, 'repeat'],
    [1, 2, 30_000, 'reuse'],
    [2, 2, 0, 'expired'],
    [2, 2, 30_000, 'expired'],
  ])('two uses allowed: generation %d of %d, rotated %s ms ago: %s', (presented, stored, age, expected) => {
    expect(decide(presented, stored, age, { refreshTokenMaxUses: 2 })).toBe(expected);
  });

  it.each<[number, number, number, RefreshDecision]>([
    [0, 0, 0, 'repeat'],
    [0, 29_999, 1, 'repeat'],
    [0, 0, 2, 'reuse'],
    [0, 0, 3, 'reuse'],
    [0, 30_000, 0, 'reuse'],
    [0, -1, 2, 'clock'],
    // The current one is not spent, so that showing it again is no retry.
    [1, 0, 2, 'repeat'],
    [1, 30_000, 2, 'rotate'],
  ])(
    'two retries allowed: generation %d of 1, rotated %d ms ago, retried %d times: %s',
    (presented, age, retries, expected) => {
      expect(decide(presented, 1, age, { refreshTokenMaxRetries: 2 }, retries)).toBe(expected);
    },
  );

  it('counts idle time from the login until the first rotation', () => {
    const state = { generation: 0, rotatedAt: null, createdAt: NOW - IDLE * 1000, retries: 0 };
    expect(decideRefresh(0, state, SETTINGS, NOW)).toBe('expired');
    expect(decideRefresh(0, state, SETTINGS, NOW - 1)).toBe('rotate');
  });
});
