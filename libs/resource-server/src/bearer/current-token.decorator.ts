import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { AccessToken } from '../claims/access-token.js';
import { carrierOf } from '../request/carriers.js';
import { tokenOfCall, tokenSignalOf } from '../request/judgement.js';

/**
 * Gives a handler the {@link AccessToken} of its request, socket or message.
 *
 * @throws Error on a public route, where there is none
 */
export const CurrentToken = createParamDecorator((_: unknown, context: ExecutionContext): AccessToken => {
  const token = tokenOfCall(context);
  if (token === null) throw new Error('@CurrentToken() is used on a public route');
  return token;
});

/**
 * Gives a handler the `AbortSignal` of its token, see {@link tokenSignalOf}.
 *
 * @throws Error on a public route, where there is no token
 */
export const TokenSignal = createParamDecorator((_: unknown, context: ExecutionContext): AbortSignal => {
  const signal = tokenSignalOf(carrierOf(context) ?? {});
  if (signal === null) throw new Error('@TokenSignal() is used on a public route');
  return signal;
});
