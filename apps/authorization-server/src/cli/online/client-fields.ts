import { CLIENT_FIELDS } from '../../clients/client-fields.js';
import type { Field as ResourceField, Fields } from '../../fields/field.js';
import { USER_FIELDS } from '../../users/user-fields.js';
import type { Field } from './fields.js';

const KINDS: Record<ResourceField['type'], Field['kind']> = {
  text: 'text',
  choice: 'text',
  choices: 'list',
  names: 'list',
  audience: 'list',
  scope: 'words',
  integer: 'number',
  boolean: 'boolean',
  date: 'date',
};

/** The options that say something of a client, and of a user beside the password. */
export const CLIENT_OPTIONS = optionsOf(CLIENT_FIELDS);
export const USER_OPTIONS = optionsOf(USER_FIELDS);

function optionsOf(fields: Fields): readonly Field[] {
  return Object.values(fields).map((field) => ({
    name: field.name,
    kind: KINDS[field.type],
    help: field.meaning,
    ...(field.type === 'choice' && { choices: field.choices }),
  }));
}
