import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidScopeSyntaxError, ScopeSet } from './scope-set.js';

const isScopeCharacter = (character: string) =>
  character >= '!' && character <= '~' && character !== '"' && character !== '\\';

/** RFC 6749 section 3.3, spelled out anew: one character at a time instead of a pattern. */
const isScopeToken = (text: string) => text !== '' && [...text].every(isScopeCharacter);

const name = fc.string({ unit: fc.constantFrom(...'abAB:.!~[]#_'), minLength: 1, maxLength: 3 });
const names = fc.array(name, { minLength: 1, maxLength: 8 });
const set = fc.array(name, { maxLength: 8 }).map((list) => ScopeSet.of(list));

const sorted = (scope: ScopeSet) => [...scope].sort();
const same = (left: ScopeSet, right: ScopeSet) => left.covers(right) && right.covers(left);

describe('ScopeSet, for any scope', () => {
  it('comes back from its wire form', () => {
    fc.assert(
      fc.property(names, (list) => {
        const scope = ScopeSet.parse(list.join(' '));
        expect(ScopeSet.parse(scope.toString()).toString()).toBe(scope.toString());
        expect(sorted(scope)).toEqual([...new Set(list)].sort());
      }),
    );
  });

  it('reads exactly the syntax of RFC 6749, and refuses everything else with one error', () => {
    const nearly = fc.string({ unit: fc.constantFrom(...'a: "\\\t\n\0é'), maxLength: 6 });
    fc.assert(
      fc.property(fc.oneof(nearly, fc.string({ unit: 'binary' })), (text) => {
        if (text.split(' ').every(isScopeToken)) {
          expect(ScopeSet.parse(text).has(text.split(' ')[0] ?? '')).toBe(true);
        } else {
          expect(() => ScopeSet.parse(text)).toThrow(InvalidScopeSyntaxError);
        }
      }),
    );
  });

  it('covers what it has: neither prefixes, extensions nor another case', () => {
    fc.assert(
      fc.property(names, name, (list, other) => {
        const scope = ScopeSet.of(list);
        const asked = ScopeSet.of([other]);
        expect(scope.has(other)).toBe(list.includes(other));
        expect(scope.covers(asked)).toBe(list.includes(other));
      }),
    );
  });

  it('orders sets by what they cover', () => {
    fc.assert(
      fc.property(set, set, set, (a, b, c) => {
        expect(a.covers(a)).toBe(true);
        expect(a.covers(ScopeSet.EMPTY)).toBe(true);
        expect(ScopeSet.EMPTY.covers(a)).toBe(a.isEmpty);
        if (a.covers(b) && b.covers(c)) expect(a.covers(c)).toBe(true);
        if (a.covers(b) && b.covers(a)) expect(sorted(a)).toEqual(sorted(b));
      }),
    );
  });

  it('intersects to the most that both cover, whatever the order', () => {
    fc.assert(
      fc.property(set, set, set, (a, b, c) => {
        const both = a.intersect(b);
        expect(a.covers(both) && b.covers(both)).toBe(true);
        expect(sorted(both)).toEqual(sorted(a).filter((item) => b.has(item)));
        expect(same(both, b.intersect(a))).toBe(true);
        expect(same(both.intersect(c), a.intersect(b.intersect(c)))).toBe(true);
        expect(a.covers(b)).toBe(same(both, b));
        if (a.covers(c) && b.covers(c)) expect(both.covers(c)).toBe(true);
      }),
    );
  });

  it('does not change when it is used', () => {
    fc.assert(
      fc.property(set, set, (a, b) => {
        const before = [a.toString(), b.toString()];
        a.intersect(b);
        a.covers(b);
        expect([a.toString(), b.toString()]).toEqual(before);
      }),
    );
  });
});
