import type { Field } from './fields.js';

/** What can be said of a user beside the password. */
export const USER_FIELDS: readonly Field[] = [
  { name: 'groups', kind: 'list', help: 'groups, which APIs see in tokens' },
  { name: 'allowed_scope', kind: 'words', help: 'scopes that the user may have at most, in one argument' },
];

/** What can be changed of one who exists. */
export const USER_CHANGES: readonly Field[] = [
  { name: 'username', kind: 'text', help: 'another name; sub and all sessions stay' },
  ...USER_FIELDS,
];
