import type { FieldChange } from '../audit/field-changes.js';

export type EntryKind = 'scope' | 'client' | 'user';

/** What applying a configuration file does to one scope, client or user. */
export interface EntryChange {
  readonly kind: EntryKind;
  /** The scope's name, the `client_id` or the user name. */
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
