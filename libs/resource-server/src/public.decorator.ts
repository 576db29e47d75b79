import type { CustomDecorator, ExecutionContext } from '@nestjs/common';
import { SetMetadata } from '@nestjs/common';
import { ownerParametersOf, requiresOwnerToken } from './require-owner.decorator.js';
import { requiredScopesOf } from './require-scopes.decorator.js';

const PUBLIC = Symbol('latchkey:public');

/**
 * Opens a route, or all routes of a controller, to requests without a token. A handler that requires scopes or an
 * owner stays protected inside a public controller, and where both are said in one place the requirement wins.
 */
export function Public(): CustomDecorator<symbol> {
  return SetMetadata(PUBLIC, true);
}

/** The handler decides before its controller. A class does not inherit openness from the class it extends. */
export function isPublic(context: ExecutionContext): boolean {
  for (const target of [context.getHandler(), context.getClass()]) {
    if (isRestricted(target)) return false;
    if (Reflect.getOwnMetadata(PUBLIC, target) === true) return true;
  }
  return false;
}

function isRestricted(target: object): boolean {
  return (
    !requiredScopesOf(target).isEmpty || ownerParametersOf(target).length > 0 || requiresOwnerToken(target)
  );
}
