/** JSON Schema 2020-12, which OpenAPI 3.1 uses unchanged. */
export type JsonSchema = Readonly<Record<string, unknown>>;

declare const TYPE: unique symbol;
const NAME = Symbol('name of a schema');

/** The schema of values of the type `T`: one definition for the wire format and the type of the code. */
export type Schema<T> = JsonSchema & { readonly [TYPE]?: T };

/** The type of the values that a schema describes. */
export type TypeOf<S> = S extends Schema<infer T> ? T : never;

type Members = Readonly<Record<string, Schema<unknown>>>;

type ObjectOf<P extends Members, O extends Members> = { readonly [K in keyof P]: TypeOf<P[K]> } & {
  readonly [K in keyof O]?: TypeOf<O[K]>;
};

/** An object of a response. All members except the optional ones are always present. */
export function objectSchema<P extends Members, O extends Members = Record<never, never>>(
  properties: P,
  optional?: O,
): Schema<ObjectOf<P, O>> {
  return {
    type: 'object',
    properties: { ...properties, ...optional },
    required: Object.keys(properties),
    additionalProperties: false,
  };
}

/** A schema that the document contains once, under this name, and refers to elsewhere. */
export function named<T>(name: string, schema: Schema<T>): Schema<T> {
  return { ...schema, [NAME]: name };
}

/** The name from {@link named}; `undefined` without one. */
export function nameOf(schema: object): string | undefined {
  return (schema as { [NAME]?: string })[NAME];
}

export const TEXT: Schema<string> = { type: 'string' };
export const BOOLEAN: Schema<boolean> = { type: 'boolean' };
export const INTEGER: Schema<number> = { type: 'integer' };
/** RFC 3339. */
export const TIMESTAMP: Schema<string> = { type: 'string', format: 'date-time' };
export const DATE: Schema<string> = { type: 'string', format: 'date' };

/** Scope names in the form of RFC 6749 section 3.3. */
export const SCOPES: Schema<string> = { ...TEXT, description: 'Scope names separated by single spaces' };

export function oneOf<const T extends string | boolean>(...values: readonly T[]): Schema<T> {
  return values.length === 1 ? { const: values[0] } : { enum: values };
}

export function listOf<T>(items: Schema<T>): Schema<readonly T[]> {
  return { type: 'array', items };
}

export function nullable<T>(schema: Schema<T>): Schema<T | null> {
  return { anyOf: [schema, { type: 'null' }] };
}

/** A page of a list: see `PageResponse`. */
export function pageOf<T>(
  items: Schema<T>,
): Schema<{ readonly data: readonly T[]; readonly next_cursor: string | null }> {
  return objectSchema({ data: listOf(items), next_cursor: nullable(TEXT) });
}

/** A refusal in the form of RFC 6749 section 5.2. */
export const OAUTH_ERROR = named(
  'Error',
  objectSchema({ error: TEXT }, { error_description: TEXT, scope: TEXT }),
);
