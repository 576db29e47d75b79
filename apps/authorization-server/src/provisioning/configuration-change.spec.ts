import { expect, it } from '@jest/globals';
import { enableAsFileSays, existingEntry, KEEP_DISABLED } from './configuration-change.js';
import type { Authority } from '../users/deleted-names.js';

/** What is stored afterwards, whether it was written, and what is said about it. */
async function outcome(stored: Authority | null, enabled: boolean | undefined) {
  const written: (Authority | null)[] = [];
  const result = await enableAsFileSays(stored, enabled, async (disabledBy) => {
    written.push(disabledBy);
  });
  return { written, ...result };
}

const CHANGED = (to: boolean) => [{ field: 'enabled', from: !to, to }];

it.each<[Authority | null, boolean | undefined, Awaited<ReturnType<typeof outcome>>]>([
  [null, undefined, { written: [], fields: [], note: null }],
  [null, true, { written: [], fields: [], note: null }],
  [null, false, { written: ['configuration'], fields: CHANGED(false), note: null }],
  ['configuration', undefined, { written: [null], fields: CHANGED(true), note: null }],
  ['configuration', true, { written: [null], fields: CHANGED(true), note: null }],
  ['configuration', false, { written: [], fields: [], note: null }],
  ['administrator', false, { written: [], fields: [], note: null }],
  ['administrator', true, { written: [], fields: [], note: KEEP_DISABLED }],
  ['administrator', undefined, { written: [], fields: [], note: KEEP_DISABLED }],
])('disabled by %p, and the file says %p', async (stored, enabled, expected) => {
  expect(await outcome(stored, enabled)).toEqual(expected);
});

it('an entry without a field that changes is unchanged, whatever its note', () => {
  expect(existingEntry('user', 'alice', [], 'a note').action).toBe('unchanged');
  expect(existingEntry('user', 'alice', [{ field: 'password', secret: true }]).action).toBe('update');
});
