import { ScopeSet } from '@latchkey/contracts';
import { BooleanColumn, IntegerColumn, TextColumn } from '@latchkey/platform/database';
import type { Field, Fields, FieldValues } from './field.js';

/** Lists are stored as text: names without spaces, separated by one. */
const spaceDelimited = {
  to: (list: readonly string[]): string => list.join(' '),
  from: (text: string): string[] => text.split(' ').filter((word) => word !== ''),
};

const scope = {
  to: (value: ScopeSet | null): string | null => value?.toString() ?? null,
  from: (text: string | null): ScopeSet | null =>
    text === null ? null : ScopeSet.of(spaceDelimited.from(text)),
};

const json = {
  to: (value: unknown): string => JSON.stringify(value),
  from: (text: string): unknown => JSON.parse(text),
};

/** A class with a column for each field. @param defaults the defaults in the database */
export function withColumns<F extends Fields>(
  fields: F,
  defaults: { readonly [K in keyof F]?: string } = {},
): new () => FieldValues<F> {
  class Columns {}
  for (const [key, field] of Object.entries(fields)) {
    const options = {
      nullable: 'nullable' in field,
      ...(defaults[key] !== undefined && { default: defaults[key] }),
    };
    columnOf(field, options)(Columns.prototype, key);
  }
  return Columns as new () => FieldValues<F>;
}

function columnOf({ type }: Field, options: { nullable: boolean }): PropertyDecorator {
  switch (type) {
    case 'integer':
      return IntegerColumn(options);
    case 'boolean':
      return BooleanColumn(options);
    case 'choices':
    case 'audience':
      return TextColumn({ ...options, transformer: spaceDelimited });
    case 'names':
      return TextColumn({ ...options, transformer: json });
    case 'scope':
      return TextColumn({ ...options, transformer: scope });
    case 'text':
    case 'choice':
    case 'date':
      return TextColumn(options);
  }
}
