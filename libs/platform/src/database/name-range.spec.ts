import { describe, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import { nameRange, type NameRange } from './name-range.js';

const textOf = (range: NameRange) => {
  const { sql: text, values } = nameRange(sql`name`, range);
  return [text.trim(), ...values];
};

describe('nameRange', () => {
  it('begins at the later one of the two', () => {
    expect(textOf({ after: null })).toEqual(['name >= ?', '']);
    expect(textOf({ after: 'a' })).toEqual(['name > ?', 'a']);
    expect(textOf({ after: 'a', prefix: 'b' })).toEqual(['name >= ? AND name < ?', 'b', 'b\u{10ffff}']);
    expect(textOf({ after: 'bc', prefix: 'b' })).toEqual(['name > ? AND name < ?', 'bc', 'b\u{10ffff}']);
    expect(textOf({ after: 'b', prefix: 'b' })).toEqual(['name > ? AND name < ?', 'b', 'b\u{10ffff}']);
  });

  it('ends at the last name, which begins so too', () => {
    expect(textOf({ after: null, prefix: 'b', last: 'bx' })).toEqual(['name >= ? AND name <= ?', 'b', 'bx']);
    expect(textOf({ after: 'a', last: 'c' })).toEqual(['name > ? AND name <= ?', 'a', 'c']);
  });

  it('compares bytes, and not units of UTF-16', () => {
    // U+FF5E comes before U+1F600 in bytes, and after its first surrogate.
    expect(textOf({ after: '\u{1f600}', prefix: '\uff5e' })[1]).toBe('\u{1f600}');
  });
});
