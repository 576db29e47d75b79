import { type FieldChange, fieldChanges } from '../audit/field-changes.js';
import type { Authority } from '../users/deleted-names.js';

/** What an administrator deleted, no file creates again. */
export const KEEP_DELETED = 'an administrator deleted or renamed it, and no file brings it back';

/** What an administrator disabled, no file enables. */
export const KEEP_DISABLED = 'an administrator disabled it, and no file enables it';

/** Who disables an entry that a file creates. */
export function disabledByFile(enabled: boolean | undefined): Authority | null {
  return enabled === false ? 'configuration' : null;
}

/**
 * Disables or enables what exists as a file says; what an administrator disabled stays so.
 *
 * @param setDisabled stores it
 */
export async function enableAsFileSays(
  stored: Authority | null,
  enabled: boolean | undefined,
  setDisabled: (disabledBy: Authority | null) => Promise<void>,
): Promise<{ fields: FieldChange[]; note: string | null }> {
  if (stored === 'administrator') return { fields: [], note: enabled === false ? null : KEEP_DISABLED };
  const wanted = disabledByFile(enabled);
  if (wanted === stored) return { fields: [], note: null };
  await setDisabled(wanted);
  return { fields: fieldChanges({ enabled: stored === null }, { enabled: wanted === null }), note: null };
}

export type EntryKind = 'scope' | 'group' | 'client' | 'user';

/** What applying a configuration file does to one scope, group, client or user. */
export interface EntryChange {
  readonly kind: EntryKind;
  /** The name of the scope or group, the `client_id` or the user name. */
  readonly name: string;
  /** `keep`: left as it is, although the file would have it otherwise; the note says why. */
  readonly action: 'create' | 'update' | 'delete' | 'keep' | 'unchanged';
  readonly fields: readonly FieldChange[];
  /** Why something does not happen that the file asks for. */
  readonly note: string | null;
  /** What to know of that which happens. */
  readonly warning?: string;
}

/** What became of one entry; with problems, the caller abandons the unit of work. */
export type EntryOutcome = { readonly problems: readonly string[] } | { readonly change: EntryChange };

export function createdEntry(kind: EntryKind, name: string, fields: readonly FieldChange[]): EntryChange {
  return { kind, name, action: 'create', fields, note: null };
}

/** An entry that was there; without a field that changes it is unchanged. */
export function existingEntry(
  kind: EntryKind,
  name: string,
  fields: readonly FieldChange[],
  note: string | null = null,
): EntryChange {
  return { kind, name, action: fields.length > 0 ? 'update' : 'unchanged', fields, note };
}

export function keptEntry(kind: EntryKind, name: string, note: string): EntryChange {
  return { kind, name, action: 'keep', fields: [], note };
}
