import { describe, expect, it } from '@jest/globals';
import { InvalidScopeSyntaxError, ScopeSet } from './scope-set.js';

describe('ScopeSet (RFC 6749 section 3.3)', () => {
  it('reads names separated by single spaces and counts repeated ones once', () => {
    expect([...ScopeSet.parse('read write read')]).toEqual(['read', 'write']);
  });

  it.each([
    '',
    ' ',
    'read ',
    ' read',
    'read  write',
    'read\twrite',
    'read\n',
    'r"ead',
    'r\\ead',
    'lecture:é',
    're\0ad',
  ])('refuses %j', (value) => {
    expect(() => ScopeSet.parse(value)).toThrow(InvalidScopeSyntaxError);
  });

  it('matches names exactly: neither prefixes nor another case', () => {
    const granted = ScopeSet.parse('read');
    expect(granted.covers(ScopeSet.parse('readwrite'))).toBe(false);
    expect(granted.covers(ScopeSet.parse('rea'))).toBe(false);
    expect(granted.covers(ScopeSet.parse('READ'))).toBe(false);
    expect(granted.covers(ScopeSet.parse('read'))).toBe(true);
  });

  it('nothing granted covers nothing but the empty set', () => {
    expect(ScopeSet.EMPTY.covers(ScopeSet.parse('read'))).toBe(false);
    expect(ScopeSet.EMPTY.covers(ScopeSet.EMPTY)).toBe(true);
  });

  it('intersects in the order of the left side', () => {
    const intersection = ScopeSet.parse('c b a').intersect(ScopeSet.parse('a b x'));
    expect(intersection.toString()).toBe('b a');
    expect(ScopeSet.parse('a').intersect(ScopeSet.parse('b')).isEmpty).toBe(true);
  });

  it('is its names in JSON', () => {
    expect(JSON.stringify({ scopes: ScopeSet.parse('read write') })).toBe('{"scopes":["read","write"]}');
  });

  it('interns: who reads the same value shares one set', () => {
    const set = ScopeSet.intern('read write');
    expect(ScopeSet.intern('read write')).toBe(set);
    expect(ScopeSet.intern('write read')).not.toBe(set);
    expect([...set]).toEqual(['read', 'write']);
    expect(() => ScopeSet.intern('read  write')).toThrow(InvalidScopeSyntaxError);
  });

  it('reads more values than it interns', () => {
    for (let index = 0; index < 2000; index++) ScopeSet.intern(`scope-${index}`);
    expect([...ScopeSet.intern('scope-1999 read')]).toEqual(['scope-1999', 'read']);
  });

  it('does not mistake names of object properties for members', () => {
    expect(ScopeSet.parse('read').has('constructor')).toBe(false);
    expect(ScopeSet.parse('__proto__').has('__proto__')).toBe(true);
  });
});
