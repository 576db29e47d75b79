import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SlidingCount } from './sliding-count.js';

const WINDOW = 1000;
const SLICE = WINDOW / 10;

describe('SlidingCount', () => {
  it('counts what is younger than the window, and nothing older than that', () => {
    const count = new SlidingCount(WINDOW);
    for (const time of [0, 450, 999]) count.add(time);
    expect(count.total(999)).toBe(3);
    expect(count.total(1000)).toBe(2);
    expect(count.total(1450)).toBe(1);
    expect(count.total(2000)).toBe(0);
  });

  it('is off by less than a slice, at any time', () => {
    const times = fc.array(fc.nat({ max: 400 }), { maxLength: 60 });
    fc.assert(
      fc.property(times, fc.nat({ max: 2000 }), (gaps, rest) => {
        const count = new SlidingCount(WINDOW);
        const added: number[] = [];
        let now = 0;
        for (const gap of gaps) {
          now += gap;
          count.add(now);
          added.push(now);
        }
        now += rest;
        const total = count.total(now);
        const younger = (age: number) => added.filter((time) => now - time < age).length;
        expect(total).toBeGreaterThanOrEqual(younger(WINDOW - SLICE));
        expect(total).toBeLessThanOrEqual(younger(WINDOW));
      }),
    );
  });

  it('keeps counting when the clock was set back', () => {
    const count = new SlidingCount(WINDOW);
    count.add(5000);
    count.add(100);
    expect(count.total(5000)).toBe(2);
  });
});
