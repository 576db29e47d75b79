import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { readTime } from './times.js';

describe('a time as an argument', () => {
  beforeEach(() => void jest.useFakeTimers({ now: Date.parse('2026-11-29T12:00:00Z') }));

  afterEach(() => void jest.useRealTimers());

  it.each([
    ['2027-01-31T12:00:00Z', '2027-01-31T12:00:00.000Z'],
    ['2027-01-31t12:00:00.5z', '2027-01-31T12:00:00.500Z'],
    ['2027-01-31T12:00:00+02:00', '2027-01-31T10:00:00.000Z'],
    ['2027-01-31T12:00', '2027-01-31T12:00:00.000Z'],
    ['2027-01-31 12:00', '2027-01-31T12:00:00.000Z'],
    ['2026-11-01', '2026-11-01T00:00:00.000Z'],
    ['2028-02-29', '2028-02-29T00:00:00.000Z'],
    ['90s', '2026-11-29T11:58:30.000Z'],
    ['30m', '2026-11-29T11:30:00.000Z'],
    ['1h', '2026-11-29T11:00:00.000Z'],
    ['7d', '2026-11-22T12:00:00.000Z'],
    ['2w', '2026-11-15T12:00:00.000Z'],
  ])('is %s', (text, time) => expect(readTime(text, 'ago')).toBe(time));

  it('may be in the future', () => {
    expect(readTime('1h', 'ahead')).toBe('2026-11-29T13:00:00.000Z');
  });

  it.each(['', '1', 'h', '-1h', '1.5h', '1y', '2027', '2027-02-30', '2027-13-01', '2027-1-1', 'yesterday'])(
    'is not %j',
    (text) => expect(() => readTime(text, 'ago')).toThrow('2027-01-31T12:00:00Z'),
  );

  it.each(['2027-01-31T25:00', '2027-01-31T12:00:00+99:99', '999999w0', '2027-01-31T12:00:00Z\n'])(
    'is not %j either',
    (text) => expect(() => readTime(text, 'ago')).toThrow('2027-01-31'),
  );
});
