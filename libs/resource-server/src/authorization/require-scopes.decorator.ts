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

/** @throws BearerError insufficient_scope, naming the scopes that the route requires (RFC 6750 section 3.1) */
export function assertScopes(token: AccessToken, required: ScopeSet): void {
  if (!required.isEmpty && !token.scopes.covers(required)) {
    throw BearerError.insufficientScope(required, token.scopes);
  }
}
