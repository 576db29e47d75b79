import { describe, expect, it } from '@jest/globals';
import { isSupportedPasswordHash, normalizePassword } from './password-format.js';

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
});

describe('isSupportedPasswordHash', () => {
  const HASH = '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21l$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ';

  it('accepts the PHC string of argon2id', () => {
    expect(isSupportedPasswordHash(HASH)).toBe(true);
  });

  it.each([
    ['another algorithm', HASH.replace('argon2id', 'argon2x')],
    ['another version', HASH.replace('v=19', 'v=17')],
    ['no salt', HASH.replace('c29tZXNhbHRzb21l', '')],
    ['less memory than its lanes need', HASH.replace('m=19456', 'm=4')],
    ['more memory than there is', HASH.replace('m=19456', 'm=9999999')],
    ['no iteration', HASH.replace('t=2', 't=0')],
    ['no lane', HASH.replace('p=1', 'p=0')],
    ['a salt that is cut off', HASH.replace('c29tZXNhbHRzb21l', 'c29tZXNhbHRzb')],
    ['something after it', `${HASH} `],
    ['a line feed after it', `${HASH}\n`],
    ['a plain password', 'correct horse battery staple'],
  ])('refuses %s', (_, hash) => {
    expect(isSupportedPasswordHash(hash)).toBe(false);
  });
});
