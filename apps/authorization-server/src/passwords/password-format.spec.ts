import { describe, expect, it, jest } from '@jest/globals';
import { normalizePassword } from './password-format.js';

describe('normalizePassword', () => {
  it.each([
    ['composes', 'e\u0301', '\u00e9'],
    ['leaves case and width', 'Ａa', 'Ａa'],
    ['leaves spaces at the ends', ' a ', ' a '],
    ['leaves NUL and what follows', 'a\0b', 'a\0b'],
    ['leaves 1,024 bytes', 'a'.repeat(1024), 'a'.repeat(1024)],
    ['counts bytes after composing', 'e\u0301'.repeat(512), '\u00e9'.repeat(512)],
  ])('%s', (_, password, expected) => {
    expect(normalizePassword(password)).toBe(expected);
  });

  it.each([
    ['1,025 bytes', 'a'.repeat(1025)],
    ['more than 1,024 bytes in fewer characters', '€'.repeat(342)],
    ['a megabyte', 'a'.repeat(1_000_000)],
    ['half of a surrogate pair', 'a\ud83d'],
  ])('has no form for %s', (_, password) => {
    expect(normalizePassword(password)).toBeNull();
  });

  it('leaves the most characters that can compose to a password', () => {
    expect(normalizePassword('\u01d5'.repeat(512).normalize('NFD'))).toBe('\u01d5'.repeat(512));
  });

  it('does not normalise many marks, which takes quadratic time', () => {
    const normalize = jest.spyOn(String.prototype, 'normalize');
    expect(normalizePassword('\u0301\u0316'.repeat(1025))).toBeNull();
    expect(normalize).not.toHaveBeenCalled();
    normalize.mockRestore();
  });
});
