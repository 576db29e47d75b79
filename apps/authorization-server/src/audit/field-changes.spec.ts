import { describe, expect, it } from '@jest/globals';
import { changesDetail, fieldChanges, withoutDefaults } from './field-changes.js';

describe('fieldChanges', () => {
  it('names the keys whose values differ, with both values', () => {
    expect(fieldChanges({ a: 1, b: ['x'], c: 'same' }, { a: 2, b: ['x', 'y'], c: 'same' })).toEqual([
      { field: 'a', from: 1, to: 2 },
      { field: 'b', from: ['x'], to: ['x', 'y'] },
    ]);
  });

  it('takes a key that is absent for one without a value', () => {
    expect(fieldChanges({ a: null, b: 1 }, { c: 'new' })).toEqual([
      { field: 'b', from: 1, to: null },
      { field: 'c', from: null, to: 'new' },
    ]);
  });

  it('tells false and the empty list from absence', () => {
    expect(fieldChanges({}, { a: false, b: [] })).toHaveLength(2);
  });
});

it('withoutDefaults drops what says nothing', () => {
  expect(withoutDefaults({ a: 1, b: [], c: null, d: false }, { a: 2, b: [], d: false })).toEqual({ a: 1 });
});

it('changesDetail has no member where nothing differs', () => {
  expect(changesDetail({ a: 1 }, { a: 1, b: null })).toEqual({});
  expect(changesDetail({ a: 1 }, { a: 2 })).toEqual({ changes: [{ field: 'a', from: 1, to: 2 }] });
});
