import { describe, expect, it } from '@jest/globals';
import { memoized } from './memoized.js';

describe('memoized', () => {
  it('makes once, also what is false', () => {
    const made: string[] = [];
    const isLong = memoized(10, (text) => {
      made.push(text);
      return text.length > 3;
    });
    expect(['long', 'no', 'long', 'no'].map(isLong)).toEqual([true, false, true, false]);
    expect(made).toEqual(['long', 'no']);
  });

  it('goes on to make what it has no room to keep', () => {
    let made = 0;
    const list = memoized(1, (text) => [text, made++]);
    expect(list('a')).toBe(list('a'));
    expect(list('b')).toEqual(['b', 1]);
    expect(list('b')).toEqual(['b', 2]);
    expect(list('a')).toEqual(['a', 0]);
  });
});
