import { describe, expect, it } from '@jest/globals';
import { ClaimReader, MalformedClaimsError } from './claim-reader.js';

const ROLES = ['realm', 'roles'];

describe('ClaimReader', () => {
  it.each([[undefined], [null], ['text'], [5], [[]]])('reads no claims from %j', (claims) => {
    expect(() => new ClaimReader(claims)).toThrow(new MalformedClaimsError('is not an object'));
  });

  it('takes null for missing, and finds nothing that is inherited', () => {
    const claims = new ClaimReader(
      Object.assign(Object.create({ inherited: 'x' }) as object, { none: null }),
    );
    for (const name of ['none', 'inherited', 'toString', 'absent']) {
      expect(claims.has(name)).toBe(false);
      expect([claims.optionalString(name), claims.optionalText(name), claims.scope(name)]).toEqual([
        null,
        null,
        null,
      ]);
      expect([claims.optionalTime(name), claims.optionalInteger(name)]).toEqual([null, null]);
      expect(claims.stringsAt([name])).toEqual([]);
    }
  });

  it('names a required claim that is missing, and one that is unusable', () => {
    const claims = new ClaimReader({ wrong: {} });
    for (const read of ['string', 'strings', 'boolean', 'integer'] as const) {
      expect(() => claims[read]('absent')).toThrow(new MalformedClaimsError('has no "absent"'));
      expect(() => claims[read]('wrong')).toThrow(new MalformedClaimsError('has an unusable "wrong"'));
    }
  });

  it.each([
    [0, 0],
    [1.2345, 1234],
    [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER * 1000],
  ])('reads the time %s, in milliseconds', (value, expected) => {
    expect(new ClaimReader({ exp: value }).optionalTime('exp')).toBe(expected);
  });

  it.each([[-0.001], [Number.MAX_SAFE_INTEGER + 1], ['5'], [NaN], [Infinity]])(
    'reads no time %s',
    (value) => {
      expect(() => new ClaimReader({ exp: value }).optionalTime('exp')).toThrow(MalformedClaimsError);
    },
  );

  it('reads whole numbers from 0', () => {
    for (const value of [0, 7, Number.MAX_SAFE_INTEGER]) {
      const claims = new ClaimReader({ value });
      expect([claims.integer('value'), claims.optionalInteger('value')]).toEqual([value, value]);
    }
    for (const value of [-1, 0.5, '5', Number.MAX_SAFE_INTEGER + 1, true]) {
      expect(() => new ClaimReader({ value }).optionalInteger('value')).toThrow(MalformedClaimsError);
    }
  });

  it('reads the strings of a nested claim, and none where a member is missing', () => {
    expect(new ClaimReader({ realm: { roles: ['a', 'b'] } }).stringsAt(ROLES)).toEqual(['a', 'b']);
    expect(new ClaimReader({ realm: { roles: 'a' } }).stringsAt(ROLES)).toEqual(['a']);
    for (const claims of [{}, { realm: {} }, { realm: null }, { realm: { roles: null } }, { roles: ['a'] }]) {
      expect(new ClaimReader(claims).stringsAt(ROLES)).toEqual([]);
    }
  });

  it.each([
    [{ realm: 'a' }],
    [{ realm: ['roles'] }],
    [{ realm: { roles: [5] } }],
    [{ realm: { roles: {} } }],
  ])('reads no strings of the nested claim in %j, and names where it begins', (claims) => {
    expect(() => new ClaimReader(claims).stringsAt(ROLES)).toThrow(
      new MalformedClaimsError('has an unusable "realm"'),
    );
  });

  it('reads scopes from a text or a list', () => {
    for (const scope of ['read write', ['read', 'write']]) {
      expect(new ClaimReader({ scope }).scope('scope')?.toString()).toBe('read write');
    }
    expect(new ClaimReader({ scope: '' }).scope('scope')?.isEmpty).toBe(true);
  });

  it.each([[true], [5], [{ read: true }], ['read  write'], [['read write']], [['read', 5]]])(
    'reads no scopes from %j',
    (scope) => {
      expect(() => new ClaimReader({ scope }).scope('scope')).toThrow(
        new MalformedClaimsError('has an unusable "scope"'),
      );
    },
  );
});
