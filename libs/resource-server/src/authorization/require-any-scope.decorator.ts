import { ScopeSet } from '@latchkey/contracts';
import { addRequirement, requirementKey, requirementsOf, type RouteDecorator } from './route-requirements.js';

const ALTERNATIVES = requirementKey<readonly string[]>('any-scope');

/**
 * Requires one of the given scopes. If it is repeated, or used on a controller and a handler, one scope of each is
 * required. The challenge of a refusal names the first one if the token has none, so put the least powerful scope first:
 * a client then requests no more than it needs.
 *
 * @throws TypeError when there is no name
 * @throws InvalidScopeSyntaxError when a name is no scope (RFC 6749 section 3.3)
 * @see RFC 6750 section 3.1
 */
export function RequireAnyScope(...names: string[]): RouteDecorator {
  if (names.length === 0) throw new TypeError('@RequireAnyScope() needs at least one scope');
  return addRequirement(ALTERNATIVES, [[...ScopeSet.of(names)]]);
}

export function alternativeScopesOf(...targets: object[]): ScopeSet[] {
  return requirementsOf(ALTERNATIVES, ...targets).map((names) => ScopeSet.of(names));
}
