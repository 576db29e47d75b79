import { describe, expect, it } from '@jest/globals';
import { BackOff } from './back-off.js';

describe('BackOff', () => {
  it('doubles up to its limit, and begins anew after a success', () => {
    const backOff = new BackOff(100, 1000, () => 1);
    expect(Array.from({ length: 6 }, () => backOff.next())).toEqual([100, 200, 400, 800, 1000, 1000]);
    backOff.reset();
    expect(backOff.next()).toBe(100);
  });

  it('is spread by chance, from half to all', () => {
    expect(new BackOff(100, 1000, () => 0).next()).toBe(50);
  });
});
