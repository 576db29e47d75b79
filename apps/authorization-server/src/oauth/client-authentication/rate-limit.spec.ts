import { describe, expect, it } from '@jest/globals';
import { RateLimit } from './rate-limit.js';

describe('RateLimit', () => {
  const taken = (limit: RateLimit, key: string, times: number, now: number) =>
    Array.from({ length: times }, () => limit.take(key, now)).filter((wait) => wait === 0).length;

  it('lets two seconds’ worth pass at once, and then so many a second', () => {
    const limit = new RateLimit(10);
    expect(taken(limit, 'a', 100, 0)).toBe(20);
    expect(limit.take('a', 0)).toBe(100);
    expect(taken(limit, 'a', 100, 1000)).toBe(10);
    expect(taken(limit, 'a', 100, 60_000)).toBe(20);
  });

  it('knows keys apart', () => {
    const limit = new RateLimit(1);
    expect(taken(limit, 'a', 10, 0)).toBe(2);
    expect(taken(limit, 'b', 10, 0)).toBe(2);
  });

  it('does not make those who are refused wait for longer', () => {
    const limit = new RateLimit(1);
    taken(limit, 'a', 1000, 0);
    expect(limit.take('a', 1000)).toBe(0);
  });

  it('is bounded', () => {
    const limit = new RateLimit(1);
    taken(limit, 'first', 2, 0);
    for (let index = 0; index < 10_000; index++) limit.take(`other-${index}`, 0);
    expect(taken(limit, 'first', 10, 0)).toBe(2);
    expect(taken(limit, 'other-9999', 10, 0)).toBe(1);
  });
});
