import type { ExecutionContext, Type } from '@nestjs/common';
import type { AccessToken } from '../claims/access-token.js';
import { addRequirement, requirementKey, requirementsOf, type RouteDecorator } from './route-requirements.js';

/**
 * A rule of the application, such as an ability of CASL. Name the class in `@RequirePolicy(...)` and provide it as a
 * singleton in any module.
 *
 * @typeParam Claims the type of {@link AccessToken.claims}, which the option `claims.parse` returns
 */
export interface TokenPolicy<Claims extends object = Readonly<Record<string, unknown>>> {
  /**
   * @param token a valid token that meets all other requirements of the route
   * @param context the request with its parameters
   * @returns `true` admits the request; anything else is 403 `access_denied`
   * @throws anything: an `HttpException` becomes the response, everything else is logged and answered with 503
   */
  can(token: AccessToken<Claims>, context: ExecutionContext): boolean | Promise<boolean>;
}

const POLICIES = requirementKey<Type<TokenPolicy>>('policy');

/**
 * Requires that each of these policies admits the token. If it is repeated, or used on a controller and a handler, all
 * must. The token is checked again after policies that wait.
 *
 * @throws TypeError when there is no policy, or a value that is no class with a method `can`
 */
export function RequirePolicy(...policies: Type<TokenPolicy<never>>[]): RouteDecorator {
  if (policies.length === 0 || !policies.every(isPolicy)) {
    throw new TypeError('@RequirePolicy() needs classes with a method can(token, context)');
  }
  return addRequirement(POLICIES, policies);
}

export function policiesOf(...targets: object[]): Type<TokenPolicy>[] {
  return requirementsOf(POLICIES, ...targets);
}

function isPolicy(policy: unknown): boolean {
  const prototype =
    typeof policy === 'function' ? (policy.prototype as Partial<TokenPolicy> | undefined) : undefined;
  return typeof prototype?.can === 'function';
}
