import { describe, expect, it } from '@jest/globals';
import { newId } from '../database/ids.js';
import { decodeCursor, encodeCursor } from './cursor.js';

describe('cursor', () => {
  it('leads back to the id', () => {
    const id = newId();
    expect(decodeCursor(encodeCursor(id))).toBe(id);
  });

  it.each([
    '',
    'x',
    newId(),
    `${encodeCursor(newId())}=`,
    `${encodeCursor(newId())}AA`,
    'AAAAAAAAAAAAAAAAAAAAAA==',
    '_'.repeat(22),
  ])('does not accept %j', (text) => {
    expect(decodeCursor(text)).toBeNull();
  });
});
