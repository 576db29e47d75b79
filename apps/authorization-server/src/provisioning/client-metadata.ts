import { IsText } from '@latchkey/platform/http';
import { ArrayUnique, IsArray, IsBoolean, IsIn, IsInt, Max, Min } from 'class-validator';
import { CLIENT_FIELDS, type ClientField, type ClientMetadata } from '../clients/client-fields.js';
import { IsAudience, IsCalendarDate, IsScopeOrNone, Optional } from './configuration-validators.js';

/** The members of a request or an entry that register a client, with the rules for their values. */
export const RegisteredMembers = withRules();

function withRules(): new () => ClientMetadata {
  class Members {}
  for (const field of Object.values<ClientField>(CLIENT_FIELDS)) {
    // As decorators are called: the last one first.
    for (const rule of [Optional(), ...rulesOf(field)].reverse()) rule(Members.prototype, field.name);
  }
  return Members;
}

function rulesOf(field: ClientField): PropertyDecorator[] {
  switch (field.type) {
    case 'text':
      return [IsText(field)];
    case 'choice':
      return [IsIn(field.choices)];
    case 'choices':
      return [IsArray(), ArrayUnique(), IsIn(field.choices, { each: true })];
    case 'audience':
      return [IsArray(), ArrayUnique(), IsAudience({ each: true })];
    case 'scope':
      return [IsScopeOrNone()];
    case 'integer':
      return [IsInt(), Min(field.min), Max(field.max)];
    case 'boolean':
      return [IsBoolean()];
    case 'date':
      return [IsCalendarDate()];
  }
}
