import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { AccessToken } from '../claims/access-token.js';
import { carrierOf } from '../request/carriers.js';
import { tokenOfCall, tokenSignalOf } from '../request/judgement.js';

/**
 * Injects the {@link AccessToken} of the request, socket or message into a handler.
 *
 * @throws Error without a token: on a public route, or on one with `@OptionalToken()`
 */
export const CurrentToken = createParamDecorator((_: unknown, context: ExecutionContext): AccessToken => {
  const token = tokenOfCall(context);
  if (token === null) throw withoutToken('@CurrentToken()');
  return token;
});

/**
 * Injects the `AbortSignal` of the token into a handler, see {@link tokenSignalOf}.
 *
 * @throws Error without a token: on a public route, or on one with `@OptionalToken()`
 */
export const TokenSignal = createParamDecorator((_: unknown, context: ExecutionContext): AbortSignal => {
  const signal = tokenSignalOf(carrierOf(context) ?? {});
  if (signal === null) throw withoutToken('@TokenSignal()');
  return signal;
});

function withoutToken(decorator: string): Error {
  return new Error(
    `${decorator} is used where no token is needed, and there is none: use accessTokenOf(request) or tokenSignalOf(request), which may be null`,
  );
}
