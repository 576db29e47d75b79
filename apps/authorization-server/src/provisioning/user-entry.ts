import { ScopeSet } from '@latchkey/contracts';
import { withoutDefaults, type EntryFields } from '../audit/field-changes.js';
import type { UserEntry } from './configuration-document.js';
import { type UserAttributes, userFields } from '../users/user.js';

/** What an entry says about a user beside name, password and state; a key that is left out has its default. */
export function toAttributes(entry: Pick<UserEntry, 'groups' | 'allowed_scope'>): UserAttributes {
  return {
    groups: entry.groups ?? [],
    allowedScope: entry.allowed_scope === undefined ? null : ScopeSet.parse(entry.allowed_scope),
  };
}

/** What an entry has to say so that it makes just this user: the keys that do not have their default. */
export function writtenUserFields(
  sub: string | null,
  attributes: UserAttributes,
  enabled: boolean,
): EntryFields {
  const defaults = { ...userFields(toAttributes({})), enabled: true };
  return withoutDefaults({ sub, ...userFields(attributes), enabled }, defaults);
}
