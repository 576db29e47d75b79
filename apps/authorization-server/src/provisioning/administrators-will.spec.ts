import { expect, it } from '@jest/globals';
import type { DisabledBy } from '../clients/client-repository.js';
import { enableAsFileSays, STAYS_DISABLED } from './administrators-will.js';

/** What is stored afterwards, whether it was written, and what is said about it. */
function outcome(stored: DisabledBy | null, enabled: boolean | undefined) {
  const written: (DisabledBy | null)[] = [];
  const steps = enableAsFileSays(stored, enabled, function* (disabledBy) {
    written.push(disabledBy);
  });
  const result = steps.next();
  if (!result.done) throw new Error('It has a statement of its own');
  return { written, ...result.value };
}

const CHANGED = (to: boolean) => [{ field: 'enabled', from: !to, to }];

it.each<[DisabledBy | null, boolean | undefined, ReturnType<typeof outcome>]>([
  [null, undefined, { written: [], fields: [], note: null }],
  [null, true, { written: [], fields: [], note: null }],
  [null, false, { written: ['configuration'], fields: CHANGED(false), note: null }],
  ['configuration', undefined, { written: [null], fields: CHANGED(true), note: null }],
  ['configuration', true, { written: [null], fields: CHANGED(true), note: null }],
  ['configuration', false, { written: [], fields: [], note: null }],
  ['administrator', false, { written: [], fields: [], note: null }],
  ['administrator', true, { written: [], fields: [], note: STAYS_DISABLED }],
  ['administrator', undefined, { written: [], fields: [], note: STAYS_DISABLED }],
])('disabled by %p, and the file says %p', (stored, enabled, expected) => {
  expect(outcome(stored, enabled)).toEqual(expected);
});
