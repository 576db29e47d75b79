import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { AccessToken } from '../claims/access-token.js';
import { carrierOf } from '../request/carriers.js';
import { tokenOfCall, tokenSignalOf } from '../request/judgement.js';

/**
 * Injects the {@link AccessToken} of the request, socket or message into a handler.
 *
 * @throws Error on a public route, where there is none
 */
export const CurrentToken = createParamDecorator((_: unknown, context: ExecutionContext): AccessToken => {
  const token = tokenOfCall(context);
  if (token === null) throw new Error('@CurrentToken() is used on a public route');
  return token;
});

/**
 * Injects the `AbortSignal` of the token into a handler, see {@link tokenSignalOf}.
 *
 * @throws Error on a public route, where there is no token
 */
export const TokenSignal = createParamDecorator((_: unknown, context: ExecutionContext): AbortSignal => {
  const signal = tokenSignalOf(carrierOf(context) ?? {});
  if (signal === null) throw new Error('@TokenSignal() is used on a public route');
  return signal;
});
