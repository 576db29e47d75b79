import { expect, it } from '@jest/globals';
import { existingEntry } from './configuration-change.js';

it('an entry without a field that changes is unchanged, whatever its note', () => {
  expect(existingEntry('user', 'alice', [], 'a note').action).toBe('unchanged');
  expect(existingEntry('user', 'alice', [{ field: 'password', secret: true }]).action).toBe('update');
});
