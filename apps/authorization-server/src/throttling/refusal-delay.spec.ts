import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { PasswordHasher } from '../passwords/password-hasher.js';
import { RefusalDelay } from './refusal-delay.js';

/** @param verificationMs what most take @param slowestVerificationMs what a hash of another system takes */
function grid(verificationMs: number, slowestVerificationMs = verificationMs): RefusalDelay {
  return new RefusalDelay({ verificationMs, slowestVerificationMs } as PasswordHasher);
}

describe('RefusalDelay', () => {
  it.each([
    ['ten verifications', 30, 30, 300],
    ['the next 50 ms', 20.1, 20.1, 250],
    ['four of the slowest, where that is more', 20, 100, 400],
    ['ten of the usual ones, where that is more', 40, 90, 400],
  ])('is as wide as %s', (_, usual, slowest, expected) => {
    expect(grid(usual, slowest).step).toBe(expected);
  });

  describe('releases', () => {
    beforeEach(() => void jest.useFakeTimers());
    afterEach(() => void jest.useRealTimers());

    /** @returns milliseconds from the arrival of a request to its answer, when its work took so many */
    const heldFor = async (work: number): Promise<number> => {
      // The steps begin at the arrival of each request.
      await jest.advanceTimersByTimeAsync(170);
      const arrivedAt = performance.now();
      await jest.advanceTimersByTimeAsync(work);
      let releasedAt: number | null = null;
      void grid(30)
        .wait(arrivedAt)
        .then(() => (releasedAt = performance.now()));
      await jest.advanceTimersByTimeAsync(10_000);
      return (releasedAt ?? NaN) - arrivedAt;
    };

    it.each([
      [0, 300],
      [1, 300],
      [120, 300],
      [298, 300],
      // Too late for a timer to keep the time.
      [300, 600],
      [301, 600],
      [899, 900],
    ])('what took %i ms after %i', async (work, expected) => {
      expect(await heldFor(work)).toBe(expected);
    });
  });
});
