import type { JsonSchema } from './schema.js';

/** Example values of members and parameters, by name. */
export type ExampleValues = Readonly<Record<string, unknown>>;

const FORMATS: ExampleValues = { 'date-time': '2026-11-29T12:00:00.000Z', date: '2026-12-31' };

/** Creates examples that fit their schemas: the schema's own, or the required members by their names. */
export class Examples {
  constructor(private readonly values: ExampleValues) {}

  /** @returns `undefined` for a name without an example */
  ofName(name: string): unknown {
    return this.values[name];
  }

  /**
   * @param name of the member that has the schema
   * @throws Error for a text or number without an example, unless it may be `null`
   */
  of(schema: JsonSchema, name = '', isNullable = false): unknown {
    const {
      examples: own,
      const: only,
      enum: choices,
      anyOf,
      oneOf,
      type,
      properties,
      required,
      items,
      format,
    } = schema;
    if (Array.isArray(own)) return own[0];
    if (only !== undefined) return only;
    if (Array.isArray(choices)) return choices[0];
    if (Object.hasOwn(this.values, name)) return this.values[name];
    if (Array.isArray(anyOf)) return this.of(anyOf[0] as JsonSchema, name, true);
    // The most complete alternative is the last one.
    if (Array.isArray(oneOf)) return this.of(oneOf.at(-1) as JsonSchema, name);
    if (type === 'object')
      return this.#object(properties as Record<string, JsonSchema>, required as string[]);
    if (type === 'array') return [this.of(items as JsonSchema, name)];
    if (type === 'boolean') return true;
    if (typeof format === 'string' && Object.hasOwn(FORMATS, format)) return FORMATS[format];
    if (isNullable) return null;
    throw new Error(`The examples of the document have none for the member ${name}`);
  }

  #object(properties: Record<string, JsonSchema> = {}, required: readonly string[] = []): object {
    return Object.fromEntries(required.map((name) => [name, this.of(properties[name] ?? {}, name)]));
  }
}
