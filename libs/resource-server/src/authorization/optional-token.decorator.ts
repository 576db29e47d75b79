import { addRequirement, requirementKey, type RouteDecorator } from './route-requirements.js';

const OPTIONAL = requirementKey<true>('optional-token', { isRestriction: false });

/**
 * Lets requests without a token pass to a route, or to all routes of a controller. A token that is sent must be good: any other is
 * refused with 401. `accessTokenOf(request)` gives the token, or `null`. Where the same place requires anything of tokens, or a scope
 * rule of the options covers the route, a token is required; beside `@Public()` this decorator wins.
 */
export function OptionalToken(): RouteDecorator {
  return addRequirement(OPTIONAL, [true]);
}

/** A class does not inherit this from the class it extends. */
export function hasOptionalToken(target: object): boolean {
  return Reflect.getOwnMetadata(OPTIONAL.symbol, target) !== undefined;
}
