import type { JsonSchema } from './document.js';

/** An object of an answer. It has all these members, but for those that are optional. */
export function objectSchema(
  properties: Readonly<Record<string, JsonSchema>>,
  optional: Readonly<Record<string, JsonSchema>> = {},
): JsonSchema {
  return {
    type: 'object',
    properties: { ...properties, ...optional },
    required: Object.keys(properties),
    additionalProperties: false,
  };
}

export const TEXT: JsonSchema = { type: 'string' };
export const BOOLEAN: JsonSchema = { type: 'boolean' };
export const INTEGER: JsonSchema = { type: 'integer' };
/** RFC 3339. */
export const TIMESTAMP: JsonSchema = { type: 'string', format: 'date-time' };

export function listOf(items: JsonSchema): JsonSchema {
  return { type: 'array', items };
}

export function nullable(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: 'null' }] };
}

/** See `PageResponse`. */
export function pageOf(items: JsonSchema): JsonSchema {
  return objectSchema({ data: listOf(items), next_cursor: nullable(TEXT) });
}
