import { describe, expect, it } from '@jest/globals';
import { BackOff } from './back-off.js';

function expectAround(delay: number, full: number): void {
  expect(delay).toBeGreaterThanOrEqual(full / 2);
  expect(delay).toBeLessThanOrEqual(full);
}

describe('BackOff', () => {
  it('doubles up to its limit, and begins anew after a success', () => {
    const backOff = new BackOff(100, 1000);
    for (const full of [100, 200, 400, 800, 1000, 1000]) expectAround(backOff.next(), full);
    backOff.reset();
    expectAround(backOff.next(), 100);
  });

  it('is spread by chance, from half to all', () => {
    const delays = Array.from({ length: 200 }, () => new BackOff(100, 1000).next());
    for (const delay of delays) expectAround(delay, 100);
    expect(Math.min(...delays)).toBeLessThan(60);
    expect(Math.max(...delays)).toBeGreaterThan(90);
  });
});
