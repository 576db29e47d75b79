import { ScopeSet } from '@latchkey/contracts';
import type { EntryFields, FieldValue } from '../audit/field-changes.js';

/** What the value of a field may be. Of names, each has 1 to 255 characters, and all of them `maxBytes` as JSON. */
export type FieldType =
  | { readonly type: 'text'; readonly min: number; readonly max: number }
  | { readonly type: 'choice' | 'choices'; readonly choices: readonly string[] }
  | { readonly type: 'integer'; readonly min: number; readonly max: number }
  | { readonly type: 'names'; readonly max: number; readonly maxBytes: number }
  /** `orNone`: an empty text is a value too, and says that there are none. */
  | { readonly type: 'scope'; readonly orNone: boolean }
  | { readonly type: 'audience' | 'boolean' | 'date' };

/** One field of a resource, with all that the database, the configuration file, the API and the command line know of it. */
export type Field = FieldType & {
  /** On the wire and in the database. */
  readonly name: string;
  /** In one line, for people. */
  readonly meaning: string;
} & (
    | { readonly nullable: true }
    /** Where an entry says nothing; `null`: who reads the entry decides. */
    | { readonly default: string | boolean | readonly string[] | null }
  );

/** All fields of a resource, by their names in memory. */
export type Fields = Readonly<Record<string, Field>>;

type Choice<F> = F extends { readonly choices: readonly (infer C)[] } ? C : never;

/** What the value of a field is in memory, and on the wire. */
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

/** The values of all fields. */
export type FieldValues<F extends Fields> = { readonly [K in keyof F]: ValueOf<F[K]> };

/** The same, as files and the administration API write it; what is left out has its default. */
export type WrittenFields<F extends Fields> = {
  [K in keyof F as F[K]['name']]?: TypesOfValue<F[K]>[F[K]['type']][1];
};

/** Makes an object with a member for each field, by its name in memory. */
export function mapFields<F extends Fields, T>(
  fields: F,
  value: (field: Field, key: keyof F & string) => T,
): Record<keyof F, T> {
  const members = Object.entries(fields).map(([key, field]) => [key, value(field, key)] as const);
  return Object.fromEntries(members) as Record<keyof F, T>;
}

/** Makes an object with a member for each field, by its name on the wire. */
export function mapToNames<T>(fields: Fields, value: (field: Field, key: string) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(fields).map(([key, field]) => [field.name, value(field, key)]));
}

/** The values of the fields alone. */
export function pickFields<F extends Fields>(fields: F, values: FieldValues<F>): FieldValues<F> {
  return mapFields(fields, (_, key) => values[key]) as FieldValues<F>;
}

/** All that the fields say, by the names of the configuration file and of the admin API. */
export function toWire<F extends Fields>(fields: F, values: FieldValues<F>): EntryFields {
  return mapToNames(fields, (_, key) => {
    const value = values[key] as FieldValue | ScopeSet;
    if (!(value instanceof ScopeSet)) return value;
    return value.isEmpty ? null : value.toString();
  });
}

/** The values that an entry or a request gives, checked by the rules of the fields; what it leaves out has its default. */
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
 * The values of the fields that a merge patch (RFC 7396) names.
 *
 * @param given the members of the patch, checked, without those that are `null`: these have their default
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
