import type { ScopeSet } from '@latchkey/contracts';
import type { EntryFields } from '../audit/field-changes.js';
import { toWire } from '../fields/field.js';
import { isReservedScope } from '../scopes/reserved-scope.js';
import { CLIENT_FIELDS, type ClientRegistration } from './client-fields.js';

/** Characters of all scopes of one client, because it may request all of them for one token. */
export const MAX_SCOPE_LENGTH = 3000;

/** Characters of all audiences of one client as JSON. */
export const MAX_AUDIENCE_LENGTH = 1000;

/** All fields of a registration, under their names in the configuration file and the administration API. */
export function clientFields(registration: ClientRegistration): EntryFields {
  return toWire(CLIENT_FIELDS, registration);
}

export interface FieldProblem {
  /** The wire name of the field. */
  readonly field: string;
  readonly problem: string;
}

/** All broken rules between the fields of a registration. `scopes` are the existing names. */
export function registrationProblems(
  registration: ClientRegistration,
  scopes: ReadonlySet<string>,
): FieldProblem[] {
  return [
    ...typeProblems(registration),
    ...scopeProblems(registration, scopes),
    ...sizeProblems(registration),
    ...refreshProblems(registration),
  ];
}

function typeProblems(registration: ClientRegistration): FieldProblem[] {
  const { clientType, grantTypes, audience, mayIntrospect, forwardsEndUserAddress } = registration;
  const problems: FieldProblem[] = [];
  if (clientType === 'public') {
    for (const grantType of ['password', 'client_credentials'] as const) {
      if (grantTypes.includes(grantType)) {
        problems.push({ field: 'grant_types', problem: `a public client cannot use ${grantType}` });
      }
    }
    if (mayIntrospect)
      problems.push({ field: 'may_introspect', problem: 'a public client cannot introspect' });
    if (forwardsEndUserAddress) {
      problems.push({
        field: 'forwards_end_user_address',
        problem: 'a public client cannot forward addresses',
      });
    }
  }
  if ((grantTypes.length > 0 || mayIntrospect) && audience.length === 0) {
    problems.push({ field: 'audience', problem: 'is required with grant types and for introspection' });
  }
  return problems;
}

function scopeProblems(registration: ClientRegistration, scopes: ReadonlySet<string>): FieldProblem[] {
  const { scope, defaultScope, grantTypes } = registration;
  const problems: FieldProblem[] = [];
  for (const name of scope) {
    if (!scopes.has(name)) problems.push({ field: 'scope', problem: `there is no scope ${name}` });
  }
  if (defaultScope !== null && !scope.covers(defaultScope)) {
    problems.push({ field: 'default_scope', problem: 'must be a part of scope' });
  }
  if ([...scope].some(isReservedScope) && !grantTypes.includes('client_credentials')) {
    problems.push({
      field: 'scope',
      problem: 'administrative scopes need the grant type client_credentials',
    });
  }
  return problems;
}

/** Every token that a client may request must stay short enough to be accepted (see `MAX_ACCESS_TOKEN_LENGTH`). */
function sizeProblems({ scope, audience }: ClientRegistration): FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (!scopeFits(scope)) {
    problems.push({ field: 'scope', problem: `must have at most ${MAX_SCOPE_LENGTH} characters` });
  }
  if (!audienceFits(audience)) {
    const problem = `must have at most ${MAX_AUDIENCE_LENGTH} characters as a JSON list`;
    problems.push({ field: 'audience', problem });
  }
  return problems;
}

export function scopeFits(scope: ScopeSet): boolean {
  return scope.toString().length <= MAX_SCOPE_LENGTH;
}

export function audienceFits(audience: readonly string[]): boolean {
  return JSON.stringify(audience).length <= MAX_AUDIENCE_LENGTH;
}

function refreshProblems(registration: ClientRegistration): FieldProblem[] {
  const { refreshTokenPolicy: policy, refreshTokenMaxUses: maxUses, grantTypes } = registration;
  const problems: FieldProblem[] = [];
  if (policy !== 'none' && !grantTypes.includes('refresh_token')) {
    problems.push({ field: 'refresh_token_policy', problem: 'needs the grant type refresh_token' });
  }
  if (policy === 'limited' && maxUses === null) {
    problems.push({ field: 'refresh_token_max_uses', problem: 'is required with the policy limited' });
  }
  if (policy !== 'limited' && maxUses !== null) {
    problems.push({ field: 'refresh_token_max_uses', problem: 'goes with the policy limited only' });
  }
  return problems;
}
