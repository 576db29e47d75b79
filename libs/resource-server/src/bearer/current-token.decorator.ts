import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { AccessToken } from '../claims/access-token.js';
import { accessTokenOf } from '../request/judgement.js';

/**
 * Gives a handler the {@link AccessToken} of its request.
 *
 * @throws Error on a public route, where there is none
 */
export const CurrentToken = createParamDecorator((_: unknown, context: ExecutionContext): AccessToken => {
  const token = accessTokenOf(context.getArgByIndex<object>(0));
  if (token === null) throw new Error('@CurrentToken() is used on a public route');
  return token;
});
