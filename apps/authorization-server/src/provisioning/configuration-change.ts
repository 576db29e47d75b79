/** A value of an entry, as a configuration file writes it; `null`: the key is absent. */
export type FieldValue = string | number | boolean | readonly string[] | null;

/** An entry by the keys of the configuration file. */
export type EntryFields = Readonly<Record<string, FieldValue>>;

/** One key of an entry that changes. What is secret is only said to change. */
export type FieldChange =
  | { readonly field: string; readonly from: FieldValue; readonly to: FieldValue }
  | { readonly field: string; readonly secret: true };

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
}

/** What became of one entry; with problems, the caller abandons the unit of work. */
export type EntryOutcome = { readonly problems: readonly string[] } | { readonly change: EntryChange };

/** The keys whose values differ. */
export function fieldChanges(from: EntryFields, to: EntryFields): FieldChange[] {
  return Object.keys({ ...from, ...to }).flatMap((field) => {
    const before = from[field] ?? null;
    const after = to[field] ?? null;
    return sameValue(before, after) ? [] : [{ field, from: before, to: after }];
  });
}

/** The keys that need not be left out: those with another value than `defaults`. */
export function withoutDefaults(fields: EntryFields, defaults: EntryFields): EntryFields {
  return Object.fromEntries(
    Object.entries(fields).filter(([key, value]) => !sameValue(value, defaults[key] ?? null)),
  );
}

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

function sameValue(left: FieldValue, right: FieldValue): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
