import fc from 'fast-check';
import type { JsonSchema } from '@latchkey/platform/openapi';

/** Strings that programs trip over. */
export const oddText = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '\0',
    '\ud800',
    '__proto__',
    'constructor',
    'null',
    '../..',
    '%00',
    "' OR 1=1 --",
    '🔑',
    'é',
  ),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constant('x'.repeat(2000)),
);

/** What no schema of ours asks for. */
const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  oddText,
  fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 1e308, [], {}, [[]], [null], { a: { b: [] } }),
  fc.jsonValue({ maxDepth: 2 }),
);

/** Values that a schema accepts, and now and then one that it does not. */
export class SchemaValues {
  constructor(
    private readonly schemas: Readonly<Record<string, JsonSchema>>,
    /** Values of members that mean something to the server, by name. */
    private readonly known: Readonly<Record<string, readonly unknown[]>>,
  ) {}

  /** Objects for a schema: right ones, and ones with members that are missing, wrong or too many. */
  object(schema: JsonSchema): fc.Arbitrary<Record<string, unknown>> {
    const right = this.#of(schema) as fc.Arbitrary<Record<string, unknown>>;
    const mutation = fc.record({
      name: fc.oneof(fc.constantFrom(...Object.keys(this.#properties(schema)), 'extra'), oddText),
      value: fc.oneof({ weight: 1, arbitrary: fc.constant(undefined) }, { weight: 3, arbitrary: oddValue }),
    });
    const wrong = fc
      .tuple(right, fc.array(mutation, { minLength: 1, maxLength: 2 }))
      .map(([object, mutations]) => ({
        ...object,
        ...Object.fromEntries(mutations.map(({ name, value }) => [name, value])),
      }));
    return fc.oneof({ weight: 3, arbitrary: right }, { weight: 2, arbitrary: wrong });
  }

  #of(schema: JsonSchema, name = ''): fc.Arbitrary<unknown> {
    const known = this.known[name];
    if (known !== undefined) {
      const some = fc.constantFrom(...known);
      const value: fc.Arbitrary<unknown> =
        schema.type === 'array' ? fc.uniqueArray(some, { maxLength: 2 }) : some;
      return fc.oneof({ weight: 4, arbitrary: value }, { weight: 1, arbitrary: this.#generated(schema) });
    }
    return this.#generated(schema);
  }

  #generated(schema: JsonSchema): fc.Arbitrary<unknown> {
    if (typeof schema.$ref === 'string') return this.#of(this.#resolve(schema));
    if (Array.isArray(schema.anyOf)) {
      return fc.oneof(...(schema.anyOf as JsonSchema[]).map((one) => this.#of(one)));
    }
    if (Array.isArray(schema.enum)) return fc.constantFrom(...(schema.enum as unknown[]));
    switch (schema.type) {
      case 'integer':
        return fc.integer({
          min: (schema.minimum as number) ?? 0,
          max: Math.min((schema.maximum as number) ?? 1000, 1_000_000),
        });
      case 'boolean':
        return fc.boolean();
      case 'null':
        return fc.constant(null);
      case 'array':
        // Few, so that an import of users does not become a load test of password hashes.
        return fc.array(this.#of(schema.items as JsonSchema), {
          minLength: (schema.minItems as number) ?? 0,
          maxLength: 2,
        });
      case 'object':
        return this.#members(schema);
      default:
        return text(schema);
    }
  }

  #members(schema: JsonSchema): fc.Arbitrary<unknown> {
    const required = (schema.required ?? []) as string[];
    const members = Object.entries(this.#properties(schema)).map(([name, property]) => [
      name,
      required.includes(name)
        ? this.#of(property, name)
        : fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, this.#of(property, name)),
    ]);
    return fc
      .record(Object.fromEntries(members) as Record<string, fc.Arbitrary<unknown>>)
      .map((object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)));
  }

  #properties(schema: JsonSchema): Record<string, JsonSchema> {
    return (this.#resolve(schema).properties ?? {}) as Record<string, JsonSchema>;
  }

  #resolve(schema: JsonSchema): JsonSchema {
    const name = typeof schema.$ref === 'string' ? schema.$ref.split('/').at(-1) : undefined;
    return name === undefined ? schema : (this.schemas[name] ?? {});
  }
}

function text(schema: JsonSchema): fc.Arbitrary<string> {
  if (schema.format === 'date-time') return fc.constantFrom('2999-12-31T12:00:00Z', '2001-01-01T00:00:00Z');
  if (schema.format === 'date') return fc.constantFrom('2999-12-31', '2001-01-01');
  const minLength = (schema.minLength as number) ?? 0;
  const maxLength = Math.min((schema.maxLength as number) ?? 20, minLength + 20);
  return fc.oneof(fc.string({ minLength, maxLength }), oddText);
}
