import { ScopeSet } from '@latchkey/contracts';
import type { EntryFields, FieldValue } from '../audit/field-changes.js';

/** The type of a field's value. For names: each has 1 to 255 characters, and the list at most `maxBytes` as JSON. */
type FieldType =
  | { readonly type: 'text'; readonly min: number; readonly max: number }
  | { readonly type: 'choice' | 'choices'; readonly choices: readonly string[] }
  | { readonly type: 'integer'; readonly min: number; readonly max: number }
  | { readonly type: 'names'; readonly max: number; readonly maxBytes: number }
  /** `orNone`: an empty text is also a value, and means no scope. */
  | { readonly type: 'scope'; readonly orNone: boolean }
  | { readonly type: 'audience' | 'boolean' | 'date' };

/** A field of a resource, with all that the database, the configuration file, the API and the command line need. */
export type Field = FieldType & {
  /** The name on the wire and in the database. */
  readonly name: string;
  /** A description in one line. */
  readonly meaning: string;
} & (
    | { readonly nullable: true }
    /** The value of a missing key; `null`: the reader of the entry decides. */
    | { readonly default: string | boolean | readonly string[] | null }
  );

/** All fields of a resource, by their names in the code. */
export type Fields = Readonly<Record<string, Field>>;

type Choice<F> = F extends { readonly choices: readonly (infer C)[] } ? C : never;

/** The types of a field's value in the code, and on the wire. */
interface TypesOfValue<F> {
  text: [string, string];
  choice: [Choice<F>, Choice<F>];
  choices: [readonly Choice<F>[], Choice<F>[]];
  names: [readonly string[], string[]];
  audience: [readonly string[], string[]];
  scope: [ScopeSet, string];
  integer: [number, number];
  boolean: [boolean, boolean];
  date: [string, string];
}

type ValueOf<F extends Field> =
  TypesOfValue<F>[F['type']][0] | (F extends { readonly nullable: true } ? null : never);

export type FieldValues<F extends Fields> = { readonly [K in keyof F]: ValueOf<F[K]> };

/** The same in the form of files and the administration API; missing members have their defaults. */
export type WrittenFields<F extends Fields> = {
  [K in keyof F as F[K]['name']]?: TypesOfValue<F[K]>[F[K]['type']][1];
};

/** Creates an object with a member for each field, by its name in the code. */
function mapFields<F extends Fields, T>(
  fields: F,
  value: (field: Field, key: keyof F & string) => T,
): Record<keyof F, T> {
  const members = Object.entries(fields).map(([key, field]) => [key, value(field, key)] as const);
  return Object.fromEntries(members) as Record<keyof F, T>;
}

/** Creates an object with a member for each field, by its name on the wire. */
export function mapToNames<T>(fields: Fields, value: (field: Field, key: string) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(fields).map(([key, field]) => [field.name, value(field, key)]));
}

/** The values of the fields, without other members. */
export function pickFields<F extends Fields>(fields: F, values: FieldValues<F>): FieldValues<F> {
  return mapFields(fields, (_, key) => values[key]) as FieldValues<F>;
}

/** All fields, under their names in the configuration file and the administration API. */
export function toWire<F extends Fields>(fields: F, values: FieldValues<F>): EntryFields {
  return mapToNames(fields, (_, key) => {
    const value = values[key] as FieldValue | ScopeSet;
    if (!(value instanceof ScopeSet)) return value;
    return value.isEmpty ? null : value.toString();
  });
}

/** The values of an entry or request, validated by the rules of the fields; missing ones have their defaults. */
export function fromWire<F extends Fields>(fields: F, given: WrittenFields<F>): FieldValues<F> {
  const members: Readonly<Record<string, unknown>> = given;
  return mapFields(fields, (field) => {
    const value = members[field.name] ?? ('default' in field ? field.default : null);
    if (field.type !== 'scope') return value;
    if (value === null || value === '') return 'nullable' in field ? null : ScopeSet.EMPTY;
    return ScopeSet.parse(value as string);
  }) as FieldValues<F>;
}

/**
 * The values of the fields in a merge patch (RFC 7396).
 *
 * @param given the validated members of the patch without those that are `null`, which get their default
 */
export function patchedFields<F extends Fields>(
  fields: F,
  patch: object,
  given: WrittenFields<F>,
): Partial<FieldValues<F>> {
  const values = Object.entries(fromWire(fields, given));
  return Object.fromEntries(
    values.filter(([key]) => Object.hasOwn(patch, fields[key]?.name ?? '')),
  ) as Partial<FieldValues<F>>;
}
