import { withoutDefaults, type EntryFields } from '../audit/field-changes.js';
import { fromWire } from '../fields/field.js';
import { userFields } from '../users/user.js';
import { USER_FIELDS, type UserAttributes } from '../users/user-fields.js';

/** What an entry has to say so that it makes just this user: the keys that do not have their default. */
export function writtenUserFields(
  sub: string | null,
  attributes: UserAttributes,
  enabled: boolean,
): EntryFields {
  const defaults = { ...userFields(fromWire(USER_FIELDS, {})), enabled: true };
  return withoutDefaults({ sub, ...userFields(attributes), enabled }, defaults);
}
