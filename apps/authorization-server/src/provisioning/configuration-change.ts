import { type FieldChange, fieldChanges } from '../audit/field-changes.js';
import type { Authority } from '../users/deleted-names.js';

/** Why a file does not restore what an administrator deleted. */
export const KEEP_DELETED = 'an administrator deleted or renamed it, and no file brings it back';

/** Why a file does not enable what an administrator disabled. */
export const KEEP_DISABLED = 'an administrator disabled it, and no file enables it';

/** Who disables an entry that a file creates; `null`: it is enabled. */
export function disabledByFile(enabled: boolean | undefined): Authority | null {
  return enabled === false ? 'configuration' : null;
}

/**
 * Disables or enables an existing entry as the file says, unless an administrator disabled it.
 *
 * @param setDisabled stores the new state
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

/** The effect of a configuration file on one scope, group, client or user. */
export interface EntryChange {
  readonly kind: EntryKind;
  /** The name of the scope or group, the `client_id` or the user name. */
  readonly name: string;
  /** `keep`: left unchanged although the file says otherwise; the note says why. */
  readonly action: 'create' | 'update' | 'delete' | 'keep' | 'unchanged';
  readonly fields: readonly FieldChange[];
  /** Why something that the file says does not happen. */
  readonly note: string | null;
  /** A warning about what does happen. */
  readonly warning?: string;
}

/** The outcome of one entry. When there are problems, the caller rolls the transaction back. */
export type EntryOutcome = { readonly problems: readonly string[] } | { readonly change: EntryChange };

export function createdEntry(kind: EntryKind, name: string, fields: readonly FieldChange[]): EntryChange {
  return { kind, name, action: 'create', fields, note: null };
}

/** An entry that existed before; it is unchanged when no field changes. */
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
