import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MAX, NIL, parse, stringify } from 'uuid';
import { idFromBytes, idToBytes, isId, newId } from './ids.js';

describe('ids', () => {
  it('reads and writes UUIDs as the uuid package does', () => {
    fc.assert(
      fc.property(fc.uuid(), (id) => {
        const bytes = idToBytes(id);
        expect(bytes).toEqual(Buffer.from(parse(id)));
        expect(idFromBytes(bytes)).toBe(stringify(bytes));
      }),
    );
  });

  it('gives back what it made', () => {
    const id = newId();
    expect(isId(id)).toBe(true);
    expect(idFromBytes(idToBytes(id))).toBe(id);
  });

  it('reads capitals', () => {
    const id = newId();
    expect(idFromBytes(idToBytes(id.toUpperCase()))).toBe(id);
  });

  it.each([
    '',
    'x',
    '019abcde-1234-7abc-8def-0123456789a',
    '019abcde-1234-7abc-8def-0123456789abc',
    '019abcde-1234-7abc-8def-0123456789ag',
    '019abcde-1234-0abc-8def-0123456789ab',
    '019abcde-1234-9abc-8def-0123456789ab',
    '019abcde-1234-7abc-cdef-0123456789ab',
    '019abcde1234-7abc-8def-0123456789ab-',
    '019abcde-12-347abc-8def-0123456789ab',
    ' 19abcde-1234-7abc-8def-0123456789ab',
    NIL,
    MAX,
  ])('refuses the text %j', (text) => {
    expect(isId(text)).toBe(false);
    expect(() => idToBytes(text)).toThrow(TypeError);
  });

  it('refuses bytes that are no UUID', () => {
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(16), Buffer.alloc(16, 0xff), Buffer.alloc(17, 0x77)]) {
      expect(() => idFromBytes(bytes)).toThrow(TypeError);
    }
  });

  it('refuses every text that the uuid package refuses', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'0178abcdf-'), minLength: 30, maxLength: 40 }),
        (text) => {
          let known = true;
          try {
            parse(text);
          } catch {
            known = false;
          }
          if (!known) expect(() => idToBytes(text)).toThrow(TypeError);
        },
      ),
    );
  });
});
