import { describe, expect, it } from '@jest/globals';
import { canonicalUsername } from './username.js';

describe('canonicalUsername', () => {
  it.each([
    ['alice', 'alice'],
    ['ALICE', 'alice'],
    ['ａｌｉｃｅ', 'alice'],
    ['ＡＬＩＣＥ', 'alice'],
    ['Zoe\u0308', 'zo\u00eb'],
    ['a.b+c@example.com', 'a.b+c@example.com'],
    ['ÅSA', 'åsa'],
    ['ｶﾞ', 'ガ'],
    ['محمد', 'محمد'],
    ['user1', 'user1'],
    ['a'.repeat(255), 'a'.repeat(255)],
  ])('makes %j into %j', (name, expected) => {
    expect(canonicalUsername(name)).toBe(expected);
    expect(canonicalUsername(expected)).toBe(expected);
  });

  it.each([
    ['nothing', ''],
    ['a space', 'a b'],
    ['a space at the end', 'alice '],
    ['a full-width space', 'a\u3000b'],
    ['a no-break space', 'a\u00a0b'],
    ['a line feed', 'a\nb'],
    ['NUL', 'a\0b'],
    ['a zero-width space', 'a\u200bb'],
    ['a soft hyphen', 'a\u00adb'],
    ['a direction override', 'a\u202eb'],
    ['a Hangul filler', 'a\u3164b'],
    ['a half-width filler', 'a\uffa0b'],
    ['a variation selector', 'a\ufe0fb'],
    ['a private-use character', 'a\ue000b'],
    ['an emoji', 'a\u{1f600}'],
    ['a lone surrogate', 'a\ud800'],
    ['256 bytes', 'a'.repeat(256)],
    ['256 bytes of longer characters', 'é'.repeat(128)],
    ['a megabyte', 'a'.repeat(1_000_000)],
  ])('has no form for %s', (_, name) => {
    expect(canonicalUsername(name)).toBeNull();
  });

  it.each(['\u0130', '\u212a', '\u1e9e', '\u03a3', '\uff21\u0308', '\u01c5'])(
    'gives %j a form that stays as it is',
    (name) => {
      const once = canonicalUsername(name);
      expect(once).not.toBeNull();
      expect(canonicalUsername(once ?? '')).toBe(once);
    },
  );
});
