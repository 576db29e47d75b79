import { describe, expect, it } from '@jest/globals';
import { MasterKey } from './master-key.js';
import { UnsealError } from './sealing.js';

const key = new MasterKey(Buffer.alloc(32, 1));
const other = new MasterKey(Buffer.alloc(32, 2));
const SECRET = Buffer.from('a data key of thirty-two bytes..');

describe('MasterKey', () => {
  it('unwraps what it wrapped', () => {
    expect(key.unwrap(key.wrap(SECRET, 'context'), 'context')).toEqual(SECRET);
  });

  it('wraps differently each time, and never in the clear', () => {
    const wrapped = key.wrap(SECRET, 'context');
    expect(wrapped).not.toEqual(key.wrap(SECRET, 'context'));
    expect(wrapped.includes(SECRET)).toBe(false);
  });

  it.each<[string, () => Buffer]>([
    ['another key', () => other.unwrap(key.wrap(SECRET, 'context'), 'context')],
    ['another context', () => key.unwrap(key.wrap(SECRET, 'context'), 'context2')],
    ['too few bytes', () => key.unwrap(Buffer.alloc(27), 'context')],
    ['a byte less', () => key.unwrap(key.wrap(SECRET, 'context').subarray(0, -1), 'context')],
    [
      'a changed bit',
      () => {
        const wrapped = key.wrap(SECRET, 'context');
        wrapped[15] = (wrapped[15] ?? 0) ^ 1;
        return key.unwrap(wrapped, 'context');
      },
    ],
  ])('refuses %s', (_, unwrap) => {
    expect(unwrap).toThrow(UnsealError);
  });

  it('recognises its own check value, which tells nothing of its other keys', () => {
    expect(key.recognises(key.checkValue)).toBe(true);
    expect(key.recognises(other.checkValue)).toBe(false);
    expect(key.recognises('')).toBe(false);
    expect(key.checkValue).not.toBe(key.derive('latchkey data key wrapping').toString('base64url'));
  });

  it('derives another key for another purpose, and the same one again', () => {
    expect(key.derive('a')).toEqual(key.derive('a'));
    expect(key.derive('a')).not.toEqual(key.derive('b'));
    expect(key.derive('a')).not.toEqual(other.derive('a'));
    expect(key.derive('a')).toHaveLength(32);
  });
});
