import { SetMetadata, type CustomDecorator } from '@nestjs/common';
import { sharedSymbol } from '../request/shared-symbol.js';
import { hasOptionalToken } from './optional-token.decorator.js';
import { isRestricted } from './route-requirements.js';

const PUBLIC = sharedSymbol('public');

/** Whether a token is read (not for `public`), and whether there has to be one. */
export type Access = 'public' | 'optional' | 'required';

/**
 * Opens a route, or all routes of a controller, to requests without a token. A handler with requirements stays
 * protected in a public controller. If both are at the same place, or a scope rule of the options covers the route, the
 * requirement wins.
 */
export function Public(): CustomDecorator<symbol> {
  return SetMetadata(PUBLIC, true);
}

/** The handler overrides its controller. A class does not inherit `@Public()` from its base class. */
export function accessOf(handler: object, controller: object): Access {
  for (const target of [handler, controller]) {
    if (isRestricted(target)) return 'required';
    if (hasOptionalToken(target)) return 'optional';
    if (Reflect.getOwnMetadata(PUBLIC, target) === true) return 'public';
  }
  return 'required';
}
