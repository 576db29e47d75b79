import { CLIENT_FIELDS, type ClientField } from '../../clients/client-fields.js';
import type { Field } from './fields.js';

const KINDS: Record<ClientField['type'], Field['kind']> = {
  text: 'text',
  choice: 'text',
  choices: 'list',
  audience: 'list',
  scope: 'words',
  integer: 'number',
  boolean: 'boolean',
  date: 'date',
};

/** The options that say something of a client. */
export const CLIENT_OPTIONS: readonly Field[] = Object.values<ClientField>(CLIENT_FIELDS).map((field) => ({
  name: field.name,
  kind: KINDS[field.type],
  help: field.meaning,
  ...(field.type === 'choice' && { choices: field.choices }),
}));
