import { ScopeSet } from '@latchkey/contracts';
import { BearerError } from '../refusals/bearer-error.js';
import type { AccessToken } from '../claims/access-token.js';
import { addRequirement, requirementKey, requirementsOf, type RouteDecorator } from './route-requirements.js';

const SCOPES = requirementKey<string>('scopes');

/**
 * Requires all the given scopes. If it is repeated, or used on a controller and a handler, the requirements add up. A
 * token without them is refused with 403 `insufficient_scope`.
 *
 * @throws TypeError when there is no name, because it would look like protection without any
 * @throws InvalidScopeSyntaxError when a name is no scope (RFC 6749 section 3.3)
 * @see RFC 6750 section 3.1
 */
export function RequireScopes(...names: string[]): RouteDecorator {
  if (names.length === 0) throw new TypeError('@RequireScopes() needs at least one scope');
  return addRequirement(SCOPES, [...ScopeSet.of(names)]);
}

export function requiredScopesOf(...targets: object[]): ScopeSet {
  return ScopeSet.of(requirementsOf(SCOPES, ...targets));
}

/**
 * @param alternatives one scope of each is required too
 * @throws BearerError insufficient_scope, naming scopes that suffice together (RFC 6750 section 3): of alternatives one
 *   that the token has, or else the first
 */
export function assertScopes(
  { scopes }: AccessToken,
  required: ScopeSet,
  alternatives: readonly ScopeSet[] = [],
): void {
  const isLacking = alternatives.some((names) => scopes.intersect(names).isEmpty);
  if (!isLacking && (required.isEmpty || scopes.covers(required))) return;
  const chosen = alternatives.flatMap((names) => [...names.intersect(scopes), ...names].slice(0, 1));
  throw BearerError.insufficientScope(ScopeSet.of([...required, ...chosen]), scopes);
}
