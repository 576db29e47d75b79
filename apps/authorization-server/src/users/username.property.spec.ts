import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalUsername, MAX_USERNAME_BYTES } from './username.js';

/** Full-width forms, kana and their voicing marks, jamo, sigmas, dotted capitals, stacked and reordered marks. */
const awkward = fc.constantFrom(
  ...'AaＡａ＠．é\u0301\u0323\u0307\u0345İıΣσςßẞǅKÅﾊﾟﾞカ\u3099ᄀ\u1161\u11a8가ᾂѶ\u0344\u{1109a}\u{110ba}',
);
const unit = fc.oneof(
  { weight: 4, arbitrary: awkward },
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
);
const name = fc.string({ unit, maxLength: 8 });
/** UTF-16 as it comes, halves of characters included. */
const anyText = fc.oneof(
  name,
  fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)), maxLength: 300 }),
);

describe('canonicalUsername, for any text', () => {
  it('has nothing left to do on what it returned', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const canonical = canonicalUsername(text);
        if (canonical !== null) expect(canonicalUsername(canonical)).toBe(canonical);
      }),
      { numRuns: 2000 },
    );
  });

  it('returns nothing that a name may not be', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const canonical = canonicalUsername(text);
        if (canonical === null) return;
        expect(canonical).not.toBe('');
        expect(Buffer.byteLength(canonical)).toBeLessThanOrEqual(MAX_USERNAME_BYTES);
        expect(canonical).toBe(canonical.normalize('NFC'));
        expect(canonical).toBe(canonical.toLowerCase());
        expect(canonical).not.toMatch(/[\s\p{C}\p{Z}\uff01-\uffef]/u);
        expect(Buffer.from(canonical).toString()).toBe(canonical);
      }),
      { numRuns: 2000 },
    );
  });

  it('gives one name to all ways of composing the same characters', () => {
    fc.assert(
      fc.property(name, (text) => {
        const canonical = canonicalUsername(text);
        expect(canonicalUsername(text.normalize('NFC'))).toBe(canonical);
        expect(canonicalUsername(text.normalize('NFD'))).toBe(canonical);
      }),
      { numRuns: 2000 },
    );
  });

  it('gives one name to full-width, upper-case and plain ASCII', () => {
    const ascii = fc.string({
      unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
      minLength: 1,
      maxLength: 40,
    });
    const widen = (text: string) =>
      text.replace(/[!-~]/g, (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0));
    fc.assert(
      fc.property(ascii, (text) => {
        expect(canonicalUsername(text)).toBe(text.toLowerCase());
        expect(canonicalUsername(text.toUpperCase())).toBe(text.toLowerCase());
        expect(canonicalUsername(widen(text))).toBe(text.toLowerCase());
      }),
    );
  });

  it('refuses a space, a control or an invisible character anywhere', () => {
    const refused = fc.constantFrom(
      ...' \t\n\0\x7f\x85\xa0\xad\u034f\u115f\u180e\u200b\u200d\u202e\u2060\u3000\u3164\ufe0f\ufeff\uffa0\u{e0061}',
    );
    fc.assert(
      fc.property(name, refused, name, (before, character, after) => {
        expect(canonicalUsername(before + character + after)).toBeNull();
      }),
    );
  });
});
