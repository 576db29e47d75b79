import {
  BOOLEAN,
  DATE,
  INTEGER,
  listOf,
  nullable,
  oneOf,
  SCOPES,
  TEXT,
  type Schema,
} from '@latchkey/platform/openapi';
import type { FieldValue } from '../audit/field-changes.js';
import { mapToNames, type Field, type Fields } from './field.js';

/** The schema of each field in responses, by its name on the wire. */
export function schemasOf(fields: Fields): Record<string, Schema<FieldValue>> {
  return mapToNames(fields, (field) => {
    const schema = schemaOf(field);
    return 'nullable' in field || field.type === 'scope' ? nullable(schema) : schema;
  });
}

function schemaOf(field: Field): Schema<FieldValue> {
  switch (field.type) {
    case 'text':
      return TEXT;
    case 'choice':
      return oneOf(...field.choices);
    case 'choices':
      return listOf(oneOf(...field.choices));
    case 'audience':
    case 'names':
      return listOf(TEXT);
    case 'scope':
      return SCOPES;
    case 'integer':
      return INTEGER;
    case 'boolean':
      return BOOLEAN;
    case 'date':
      return DATE;
  }
}
