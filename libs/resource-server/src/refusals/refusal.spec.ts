import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Refusal } from './refusal.js';

describe('Refusal', () => {
  it('names the reason, and what was expected and found', () => {
    expect(new Refusal('inactive').toString()).toBe('inactive');
    expect(new Refusal('issuer', { expected: 'https://a', found: 'https://a/' }).toString()).toBe(
      'issuer, expected "https://a", found "https://a/"',
    );
    expect(new Refusal('audience', { expected: 'a', found: ['b', 'c'] }).toString()).toBe(
      'audience, expected "a", found "b" "c"',
    );
    expect(new Refusal('audience', { expected: 'a', found: [] }).toString()).toBe(
      'audience, expected "a", found none',
    );
  });

  it('cuts what is long, and names a few of many', () => {
    const { expected, found } = new Refusal('audience', {
      expected: 'x'.repeat(1000),
      found: Array.from({ length: 1000 }, (_, index) => `audience-${index}`),
    });
    expect(expected).toBe(`"${'x'.repeat(100)}"...`);
    expect(found).toBe('"audience-0" "audience-1" "audience-2" "audience-3" "audience-4" and 995 more');
  });

  it('is one bounded line of visible ASCII, whatever is found', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary', minLength: 200 }));
    fc.assert(
      fc.property(fc.oneof(text, fc.array(text)), (found) => {
        const line = new Refusal('audience', { found }).toString();
        expect(line).toMatch(/^[\x20-\x7e]*$/);
        // A character may take twelve: a pair of escaped surrogates.
        expect(line.length).toBeLessThan(5 * 12 * 100 + 100);
      }),
    );
  });
});
