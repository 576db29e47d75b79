import { IsList, IsText } from '@latchkey/platform/http';
import { ArrayUnique, IsArray, IsBoolean, IsIn, IsInt, Max, Min } from 'class-validator';
import type { Field, Fields, WrittenFields } from './field.js';
import { IsAudience, IsCalendarDate, IsScope, IsScopeOrNone, Optional } from './validators.js';

/**
 * A class for requests and entries that give fields, with the rules for their values. Each may be left out.
 *
 * @param Base what else they give
 */
export function withRules<F extends Fields, B extends object = object>(
  fields: F,
  Base: new () => B = class {} as new () => B,
): new () => WrittenFields<F> & B {
  class Members extends (Base as new () => object) {}
  for (const field of Object.values(fields)) {
    // As decorators are called: the last one first.
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
      return [IsArray(), ArrayUnique(), IsAudience({ each: true })];
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
