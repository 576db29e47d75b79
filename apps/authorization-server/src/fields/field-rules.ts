import { IsList, IsText } from '@latchkey/platform/http';
import { ArrayMaxSize, ArrayUnique, IsArray, IsBoolean, IsIn, IsInt, Max, Min } from 'class-validator';
import type { Field, Fields, WrittenFields } from './field.js';
import { IsAudience, IsCalendarDate, IsScope, IsScopeOrNone, Optional } from './validators.js';

/**
 * More URIs than one client can have by their length. Checked before `ArrayUnique`, which compares each with all others.
 */
const MAX_AUDIENCES = 200;

/**
 * A class for requests and entries with these optional fields, and the rules for their values.
 *
 * @param Base the class with the other members
 */
export function withRules<F extends Fields, B extends object = object>(
  fields: F,
  Base: new () => B = class {} as new () => B,
): new () => WrittenFields<F> & B {
  class Members extends (Base as new () => object) {}
  for (const field of Object.values(fields)) {
    // In the order in which decorators are called: the last one first.
    for (const rule of [Optional(), ...rulesOf(field)].reverse()) rule(Members.prototype, field.name);
  }
  return Members as new () => WrittenFields<F> & B;
}

function rulesOf(field: Field): PropertyDecorator[] {
  switch (field.type) {
    case 'text':
      return [IsText(field)];
    case 'choice':
      return [IsIn(field.choices)];
    case 'choices':
      return [IsArray(), ArrayUnique(), IsIn(field.choices, { each: true })];
    case 'names':
      return [IsList(field), IsText({ min: 1, max: 255 }, { each: true })];
    case 'audience':
      return [IsArray(), ArrayUnique(), ArrayMaxSize(MAX_AUDIENCES), IsAudience({ each: true })];
    case 'scope':
      return [field.orNone ? IsScopeOrNone() : IsScope()];
    case 'integer':
      return [IsInt(), Min(field.min), Max(field.max)];
    case 'boolean':
      return [IsBoolean()];
    case 'date':
      return [IsCalendarDate()];
  }
}
