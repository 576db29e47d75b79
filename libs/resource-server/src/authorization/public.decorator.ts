import { SetMetadata, type CustomDecorator } from '@nestjs/common';
import { sharedSymbol } from '../request/judgement.js';
import { alternativeScopesOf } from './require-any-scope.decorator.js';
import { requiredGroupsOf } from './require-groups.decorator.js';
import { ownersOf, requiresOwnerToken } from './require-owner.decorator.js';
import { requiredScopesOf } from './require-scopes.decorator.js';

const PUBLIC = sharedSymbol('public');

/**
 * Opens a route, or all routes of a controller, to requests without a token. A handler that requires
 * anything stays protected inside a public controller, and where both are said in one place, or a scope rule of the
 * options covers the route, the requirement wins.
 */
export function Public(): CustomDecorator<symbol> {
  return SetMetadata(PUBLIC, true);
}

/** The handler decides before its controller. A class does not inherit openness from the class it extends. */
export function isPublic(handler: object, controller: object): boolean {
  for (const target of [handler, controller]) {
    if (isRestricted(target)) return false;
    if (Reflect.getOwnMetadata(PUBLIC, target) === true) return true;
  }
  return false;
}

function isRestricted(target: object): boolean {
  return (
    !requiredScopesOf(target).isEmpty ||
    alternativeScopesOf(target).length > 0 ||
    requiredGroupsOf(target).length > 0 ||
    ownersOf(target).length > 0 ||
    requiresOwnerToken(target)
  );
}
