import { MAX_GROUPS_BYTES } from '@latchkey/contracts';
import type { Fields, FieldValues } from '../fields/field.js';
import { SECOND_FACTOR_FIELDS } from '../fields/second-factor-rule.js';

/** The attributes of a user beside name, password and state. */
export const USER_FIELDS = {
  groups: {
    name: 'groups',
    type: 'names',
    max: 1000,
    maxBytes: MAX_GROUPS_BYTES,
    default: [],
    meaning: 'groups, which APIs see in tokens',
  },
  /** The most that the user may be granted; `null`: no limit. */
  allowedScope: {
    name: 'allowed_scope',
    type: 'scope',
    // Otherwise an empty list, which means "no scope", could be mistaken for "no limit".
    orNone: false,
    nullable: true,
    meaning: 'scopes that the user may have at most, in one argument',
  },
  ...SECOND_FACTOR_FIELDS,
} as const satisfies Fields;

export type UserAttributes = FieldValues<typeof USER_FIELDS>;
