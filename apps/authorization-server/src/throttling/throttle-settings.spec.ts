import { describe, expect, it } from '@jest/globals';
import { delaysOf, delaysWithoutAddress } from './throttle-settings.js';

const settings = { freeAttempts: 5, window: 86_400, sourceAccounts: 50 };

describe('delaysOf', () => {
  it.each([
    [1, 900, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900]],
    [1, 8, [1, 2, 4, 8]],
    [3, 10, [3, 6, 10]],
    [60, 60, [60]],
    [1, 1, [1]],
  ])('doubles from %i s to %i s and stays there', (baseDelay, maxDelay, seconds) => {
    expect(delaysOf({ ...settings, baseDelay, maxDelay })).toEqual(seconds.map((delay) => delay * 1000));
  });
});

describe('delaysWithoutAddress', () => {
  it.each([
    [1, 900, [1, 2, 4, 8, 10]],
    [1, 8, [1, 2, 4, 8]],
  ])('doubles from %i s to %i s, but to ten seconds at most', (baseDelay, maxDelay, seconds) => {
    expect(delaysWithoutAddress({ ...settings, baseDelay, maxDelay })).toEqual(
      seconds.map((delay) => delay * 1000),
    );
  });
});
