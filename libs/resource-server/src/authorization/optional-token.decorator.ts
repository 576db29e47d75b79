import { addRequirement, requirementKey, type RouteDecorator } from './route-requirements.js';

const OPTIONAL = requirementKey<true>('optional-token', { isRestriction: false });

/**
 * Lets requests without a token pass to a route, or to all routes of a controller. If a token is sent it must be valid;
 * any other is refused with 401. `accessTokenOf(request)` returns the token, or `null`. A token is required if a
 * decorator at the same place requires anything of tokens, or a scope rule of the options covers the route. Together
 * with `@Public()`, this decorator wins.
 */
export function OptionalToken(): RouteDecorator {
  return addRequirement(OPTIONAL, [true]);
}

/** A class does not inherit this decorator from its base class. */
export function hasOptionalToken(target: object): boolean {
  return Reflect.getOwnMetadata(OPTIONAL.symbol, target) !== undefined;
}
