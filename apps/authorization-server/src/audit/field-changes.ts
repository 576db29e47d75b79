/** A value of a client, a user or a scope in its wire format; `null`: the member is absent. */
export type FieldValue = string | number | boolean | readonly string[] | null;

/** Registered fields, under their names in the configuration file and the administration API. */
export type EntryFields = Readonly<Record<string, FieldValue>>;

/** A changed field. For a secret, only the fact that it changes. */
export type FieldChange =
  | { readonly field: string; readonly from: FieldValue; readonly to: FieldValue }
  | { readonly field: string; readonly secret: true };

/** The fields whose values differ. */
export function fieldChanges(from: EntryFields, to: EntryFields): FieldChange[] {
  return Object.keys({ ...from, ...to }).flatMap((field) => {
    const before = from[field] ?? null;
    const after = to[field] ?? null;
    return sameValue(before, after) ? [] : [{ field, from: before, to: after }];
  });
}

/** The same as the detail of an audit event; empty without differences. */
export function changesDetail(from: EntryFields, to: EntryFields): { changes?: readonly FieldChange[] } {
  const changes = fieldChanges(from, to);
  return changes.length === 0 ? {} : { changes };
}

/** The fields with another value than in `defaults`. */
export function withoutDefaults(fields: EntryFields, defaults: EntryFields): EntryFields {
  return Object.fromEntries(
    Object.entries(fields).filter(([key, value]) => !sameValue(value, defaults[key] ?? null)),
  );
}

function sameValue(left: FieldValue, right: FieldValue): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
