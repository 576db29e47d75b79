import type { Type } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { getMetadataStorage } from 'class-validator';
import type { JsonSchema } from './schema.js';

/** The schema of a class-validator rule, by the name of the rule. */
export type RuleSchemas = Readonly<Record<string, (...constraints: readonly unknown[]) => JsonSchema>>;

interface Rule {
  readonly propertyName: string;
  readonly type: string;
  readonly name?: string;
  readonly each: boolean;
  readonly constraints?: readonly unknown[];
}

const RULES: RuleSchemas = {
  isInt: () => ({ type: 'integer' }),
  min: (minimum) => ({ minimum }),
  max: (maximum) => ({ maximum }),
  isBoolean: () => ({ type: 'boolean' }),
  isString: () => ({ type: 'string' }),
  isText: (minLength, maxLength) => ({ type: 'string', minLength, maxLength }),
  isLength: (minLength, maxLength) => ({ type: 'string', minLength, maxLength }),
  maxLength: (maxLength) => ({ type: 'string', maxLength }),
  isAddress: () => ({ type: 'string', description: 'An IPv4 or IPv6 address' }),
  // Only cursors are UUIDs, and they have another text form.
  isUuid: () => ({ type: 'string' }),
  isIn: (values) => ({ enum: values }),
  isObject: () => ({ type: 'object' }),
  isArray: () => ({ type: 'array' }),
  isList: (maxItems, maxBytes) => ({
    type: 'array',
    maxItems,
    uniqueItems: true,
    description: `At most ${String(maxBytes)} bytes as JSON`,
  }),
  arrayNotEmpty: () => ({ minItems: 1 }),
  arrayMaxSize: (maxItems) => ({ maxItems }),
  arrayUnique: () => ({ uniqueItems: true }),
};

/** Creates the schemas of request classes from their validation rules, so that both always agree. */
export class RequestSchemas {
  readonly #rules: RuleSchemas;

  /** @param strict whether unknown members are refused; otherwise they are dropped */
  constructor(
    private readonly strict: boolean,
    ownRules: RuleSchemas = {},
  ) {
    this.#rules = { ...RULES, ...ownRules };
  }

  /** @throws Error for a rule without a schema */
  of(type: Type<object>): JsonSchema {
    const rules: Rule[] = getMetadataStorage().getTargetValidationMetadatas(type, '', true, false);
    const names = [...new Set(rules.map(({ propertyName }) => propertyName))];
    const defaults = new type() as Readonly<Record<string, unknown>>;
    const properties = names.map((name) => {
      const own = rules.filter(({ propertyName }) => propertyName === name);
      return [name, this.#property(type, name, own, defaults[name])] as const;
    });
    const optional = new Set(
      rules.filter(({ type }) => type === 'conditionalValidation').map(({ propertyName }) => propertyName),
    );
    const required = names.filter((name) => !optional.has(name) && defaults[name] === undefined);
    return {
      type: 'object',
      properties: Object.fromEntries(properties),
      ...(required.length > 0 && { required }),
      ...(this.strict && { additionalProperties: false }),
    };
  }

  #property(type: Type<object>, name: string, rules: readonly Rule[], fallback: unknown): JsonSchema {
    const schema: Record<string, unknown> = fallback === undefined ? {} : { default: fallback };
    const items: Record<string, unknown> = {};
    for (const rule of rules) {
      if (rule.type === 'conditionalValidation') continue;
      if (rule.type === 'nestedValidation') Object.assign(items, this.of(classOfItems(type, name)));
      else Object.assign(rule.each ? items : schema, this.#meaningOf(rule));
    }
    return Object.keys(items).length === 0 ? schema : { type: 'array', ...schema, items };
  }

  #meaningOf({ name = '', constraints = [] }: Rule): JsonSchema {
    const meaning = this.#rules[name];
    if (meaning === undefined) throw new Error(`The rule ${name} has no schema`);
    return meaning(...constraints);
  }
}

/** The class in `@Type`, which class-transformer does not expose. */
function classOfItems(type: Type<object>, name: string): Type<object> {
  const value = plainToInstance(type, { [name]: [{}] }) as Readonly<Record<string, object[]>>;
  return value[name]?.[0]?.constructor as Type<object>;
}

/** The merge patch of a resource with this schema (RFC 7396): any members, and `null` to remove one. */
export function mergePatchSchema(schema: JsonSchema): JsonSchema {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>);
  return {
    ...schema,
    required: [],
    properties: Object.fromEntries(
      properties.map(([name, property]) => [name, { anyOf: [property, { type: 'null' }] }]),
    ),
  };
}
