import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MAX_PASSWORD_BYTES, normalizePassword } from './password-format.js';

const unit = fc.oneof(
  fc.constantFrom(...' \t\0éＡÅᾂﬁ\u0301\u0323\u0344\u1161가'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
);
const password = fc.string({ unit, maxLength: 60 });

const bytesOf = (text: string) => Buffer.byteLength(text.normalize('NFC'));

describe('normalizePassword, for any password', () => {
  it('changes nothing but the composition of characters', () => {
    fc.assert(
      fc.property(password, (text) => {
        const normalized = normalizePassword(text);
        expect(normalized).toBe(text.normalize('NFC'));
        expect(normalized?.normalize('NFD')).toBe(text.normalize('NFD'));
      }),
      { numRuns: 500 },
    );
  });

  it('has nothing left to do on what it returned', () => {
    fc.assert(
      fc.property(password, (text) => {
        const normalized = normalizePassword(text) ?? '';
        expect(normalizePassword(normalized)).toBe(normalized);
      }),
    );
  });

  it('is the same however the characters were composed, and never for other characters', () => {
    fc.assert(
      fc.property(password, password, (left, right) => {
        expect(normalizePassword(left.normalize('NFD'))).toBe(normalizePassword(left.normalize('NFC')));
        const same = left.normalize('NFD') === right.normalize('NFD');
        expect(normalizePassword(left) === normalizePassword(right)).toBe(same);
      }),
    );
  });

  it('refuses exactly what is too long, and never cuts', () => {
    const filler = fc.constantFrom('a', 'é', 'e\u0301', 'α\u0313\u0300\u0345', '가', '😀');
    fc.assert(
      fc.property(filler, fc.integer({ min: -3, max: 3 }), password, (character, distance, text) => {
        const times = Math.ceil((MAX_PASSWORD_BYTES - bytesOf(text)) / bytesOf(character)) + distance;
        const long = text + character.repeat(Math.max(0, times));
        expect(normalizePassword(long)).toBe(
          bytesOf(long) <= MAX_PASSWORD_BYTES ? long.normalize('NFC') : null,
        );
      }),
    );
  });
});
