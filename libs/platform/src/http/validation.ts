import { ValidationPipe } from '@nestjs/common';
import { ValidateBy, type ValidationError, type ValidationOptions } from 'class-validator';
import { parseAddress } from './address.js';

/**
 * Validates bodies and queries and converts them to DTOs; unknown members are dropped.
 *
 * @param refuse creates the error from a description of every wrong field
 */
export function createValidationPipe(refuse: (description: string) => Error): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    stopAtFirstError: true,
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => refuse(describe(errors).join('; ')),
  });
}

/** One line for each wrong field, such as `permissions[1].access must be read or write`. */
function describe(errors: ValidationError[], parent = ''): string[] {
  return errors.flatMap(({ property, constraints, children }) => {
    const path = nest(parent, property);
    const own = Object.values(constraints ?? {}).map((message) => `${path} ${message}`);
    return [...own, ...describe(children ?? [], path)];
  });
}

function nest(parent: string, property: string): string {
  if (parent === '') return property;
  return /^\d+$/.test(property) ? `${parent}[${property}]` : `${parent}.${property}`;
}

interface ListLimits {
  /** Number of entries. */
  readonly max: number;
  /** Size of the whole list as JSON, in bytes. */
  readonly maxBytes: number;
}

/** A list without duplicates. Takes linear time, unlike class-validator's `ArrayUnique`. */
export function IsList({ max, maxBytes }: ListLimits): PropertyDecorator {
  return ValidateBy({
    name: 'isList',
    constraints: [max, maxBytes],
    validator: {
      validate: (value: unknown) =>
        Array.isArray(value) &&
        value.length <= max &&
        new Set(value).size === value.length &&
        Buffer.byteLength(JSON.stringify(value.filter(isText))) <= maxBytes,
      defaultMessage: (details) =>
        hasRepetitions(details?.value)
          ? 'has the same entry twice'
          : `must be a list of at most ${max} entries and ${maxBytes} bytes`,
    },
  });
}

/** Other values are refused by another rule. */
const isText = (value: unknown): boolean => typeof value === 'string';

function hasRepetitions(value: unknown): boolean {
  return Array.isArray(value) && new Set(value).size !== value.length;
}

/** NUL, which PostgreSQL cannot store, and unpaired surrogates, which UTF-8 cannot express. */
const UNSTORABLE = /[\0\p{Surrogate}]/u;

/** Text that both databases return unchanged; lengths in UTF-16 units. */
export function IsText(
  { min, max }: { min: number; max: number },
  options: ValidationOptions = {},
): PropertyDecorator {
  const rule = {
    name: 'isText',
    constraints: [min, max],
    validator: {
      validate: (value: unknown) =>
        typeof value === 'string' && value.length >= min && value.length <= max && !UNSTORABLE.test(value),
      defaultMessage: () => `must be text of ${min} to ${max} characters without NUL`,
    },
  };
  return ValidateBy(rule, options);
}

/** Text that {@link parseAddress} accepts. */
export function IsAddress(): PropertyDecorator {
  const rule = {
    name: 'isAddress',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && parseAddress(value) !== null,
      defaultMessage: () => 'must be an IPv4 or IPv6 address',
    },
  };
  return ValidateBy(rule);
}
