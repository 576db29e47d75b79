import { InvalidScopeSyntaxError, ScopeSet } from '@latchkey/contracts';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsObject,
  ValidateBy,
  ValidateIf,
  ValidateNested,
  type ValidationOptions,
} from 'class-validator';

/** A rule for texts, whose message begins with the name of the property. */
export function propertyRule(name: string, message: string, accepts: (text: string) => boolean) {
  return (options: ValidationOptions = {}): PropertyDecorator =>
    ValidateBy(
      { name, validator: { validate: (value: unknown) => typeof value === 'string' && accepts(value) } },
      { message: `${options.each ? 'each value in ' : ''}$property ${message}`, ...options },
    );
}

/** A key that may be missing, but not empty: `allowed_scope:` is a mistake and does not mean "no limit". */
export const Optional = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined);

/** Printable ASCII (RFC 6749 appendix A: VSCHAR). */
export const IsVschar = propertyRule('isVschar', 'must be a string of printable ASCII characters', (text) =>
  /^[\x20-\x7e]*$/.test(text),
);

export const IsScopeName = propertyRule(
  'isScopeName',
  'must be a scope name (RFC 6749 section 3.3)',
  (text) => ScopeSet.isScopeName(text),
);

/** The same, or an empty text, which means none. */
export const IsScopeOrNone = propertyRule(
  'isScopeOrNone',
  'must be scope names separated by single spaces',
  (text) => text === '' || isScope(text),
);

export const IsScope = propertyRule('isScope', 'must be scope names separated by single spaces', isScope);

/** An absolute URI without a fragment (RFC 8707 section 2). */
export const IsAudience = propertyRule(
  'isAudience',
  'must be an absolute URI without a fragment',
  (text) => URL.canParse(text) && /^[\x21-\x22\x24-\x7e]+$/.test(text),
);

/** `YYYY-MM-DD`, an existing day. */
export const IsCalendarDate = propertyRule(
  'isCalendarDate',
  'must be a date like 2027-12-31',
  isCalendarDate,
);

/** A time, such as `2027-12-31T12:00:00Z` (RFC 3339). */
export const IsTimestamp = propertyRule('isTimestamp', 'must be a time like 2027-12-31T12:00:00Z', (text) => {
  const [, date = ''] = /^([\d-]{10})T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/i.exec(text) ?? [];
  return isCalendarDate(date) && !Number.isNaN(Date.parse(text));
});

/** A list of objects, each of which is validated by the rules of its class. */
export function IsListOf(
  type: () => new () => object,
  { max, isFilled }: { readonly max?: number; readonly isFilled: boolean },
): PropertyDecorator {
  const rules = [
    Type(type),
    ValidateNested({ each: true }),
    IsObject({ each: true }),
    ...(max === undefined ? [] : [ArrayMaxSize(max)]),
    ...(isFilled ? [ArrayNotEmpty()] : []),
    IsArray(),
  ];
  return (target, property) => rules.forEach((rule) => rule(target, property));
}

function isCalendarDate(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function isScope(text: string): boolean {
  try {
    ScopeSet.parse(text);
    return true;
  } catch (error) {
    if (error instanceof InvalidScopeSyntaxError) return false;
    throw error;
  }
}
