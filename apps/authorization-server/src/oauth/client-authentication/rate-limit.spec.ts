import { describe, expect, it } from '@jest/globals';
import { RateLimit } from './rate-limit.js';

describe('RateLimit', () => {
  const scheduled = (limit: RateLimit, key: string, times: number, now: number) =>
    Array.from({ length: times }, () => limit.schedule(key, now));
  const accepted = (delays: (number | null)[]) => delays.filter((delay) => delay !== null);

  it('lets a short burst pass at once and spreads the rest out', () => {
    const limit = new RateLimit(100);
    const delays = scheduled(limit, 'a', 10, 0);
    expect(delays).toEqual([0, 0, 0, 0, 0, 0, 10, 20, 30, 40]);
    expect(limit.schedule('a', 60_000)).toBe(0);
  });

  it('refuses what would have to wait for more than a second', () => {
    const limit = new RateLimit(10);
    const delays = scheduled(limit, 'a', 100, 0);
    expect(accepted(delays)).toHaveLength(11);
    expect(Math.max(...accepted(delays))).toBeLessThanOrEqual(1000);
    expect(delays.slice(11)).toEqual(Array(89).fill(null));
  });

  it('accepts so many a second, however many come', () => {
    const limit = new RateLimit(10);
    scheduled(limit, 'a', 100, 0);
    for (let second = 1; second <= 5; second++)
      expect(accepted(scheduled(limit, 'a', 100, second * 1000))).toHaveLength(10);
  });

  it('lets the slowest rate have one at once and one that waits', () => {
    expect(scheduled(new RateLimit(1), 'a', 3, 0)).toEqual([0, 950, null]);
  });

  it('knows keys apart', () => {
    const limit = new RateLimit(1);
    scheduled(limit, 'a', 10, 0);
    expect(limit.schedule('b', 0)).toBe(0);
  });

  it('is bounded', () => {
    const limit = new RateLimit(1);
    scheduled(limit, 'first', 2, 0);
    for (let index = 0; index < 10_000; index++) limit.schedule(`other-${index}`, 0);
    expect(limit.schedule('first', 0)).toBe(0);
    expect(limit.schedule('other-9999', 0)).toBe(950);
  });
});
