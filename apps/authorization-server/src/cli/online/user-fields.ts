import { USER_OPTIONS } from './client-fields.js';
import type { Field } from './fields.js';

/** What can be said of a user beside the password. */
export const USER_FIELDS = USER_OPTIONS;

/** What can be changed of one who exists. */
export const USER_CHANGES: readonly Field[] = [
  { name: 'username', kind: 'text', help: 'another name; sub and all sessions stay' },
  ...USER_OPTIONS,
];
