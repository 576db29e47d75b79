import { BearerError } from './bearer-error.js';
import type { AccessToken } from './access-token.js';
import { addRequirement, requirementsOf, type RouteDecorator } from './route-requirements.js';

const OWNER_PARAMETERS = Symbol('latchkey:owner-parameters');
const OWNER_TOKEN = Symbol('latchkey:owner-token');

const DENIED = 'Only the resource owner may do this';

/**
 * For routes whose path names the resource owner, as in `/users/:sub/orders`: the parameter must be the token's `sub`.
 *
 * @param parameter name of the path parameter, without the colon
 */
export function RequireOwner(parameter: string): RouteDecorator {
  if (!parameter) throw new TypeError('@RequireOwner() needs the name of a path parameter');
  return addRequirement(OWNER_PARAMETERS, [parameter]);
}

/** Requires that a resource owner stands behind the token: refuses what a client got on its own behalf. */
export function RequireOwnerToken(): RouteDecorator {
  return addRequirement(OWNER_TOKEN, ['true']);
}

export function ownerParametersOf(...targets: object[]): string[] {
  return targets.flatMap((target) => requirementsOf(OWNER_PARAMETERS, target));
}

export function requiresOwnerToken(...targets: object[]): boolean {
  return targets.some((target) => requirementsOf(OWNER_TOKEN, target).length > 0);
}

/** @throws BearerError access_denied for a client's own token */
export function assertOwnerToken(token: AccessToken): void {
  if (!token.isOwnerToken) throw BearerError.accessDenied(DENIED, 'not an owner token');
}

/**
 * Refuses whenever it cannot see that path and token name the same owner: a parameter that is missing, was renamed in
 * the path only, or is not one plain string is a refusal too.
 *
 * @throws BearerError access_denied
 */
export function assertOwner(token: AccessToken, pathParameters: unknown, parameter: string): void {
  assertOwnerToken(token);
  const named =
    typeof pathParameters === 'object' && pathParameters !== null && Object.hasOwn(pathParameters, parameter)
      ? (pathParameters as Record<string, unknown>)[parameter]
      : undefined;
  if (typeof named !== 'string' || named === '') {
    throw BearerError.accessDenied(DENIED, `the path has no parameter "${parameter}"`);
  }
  if (named !== token.subject) throw BearerError.accessDenied(DENIED, 'another owner');
}
