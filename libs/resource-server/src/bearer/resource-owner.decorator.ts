import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { tokenOfCall } from '../request/judgement.js';
import { Refusal } from '../refusals/refusal.js';
import { BearerError } from '../refusals/bearer-error.js';

/**
 * Injects the `sub` of the token's resource owner into a handler.
 *
 * @throws BearerError access_denied when a client acts on its own behalf; `@RequireOwnerToken()` refuses it earlier
 */
export const ResourceOwner = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const token = tokenOfCall(context);
  if (!token?.isOwnerToken || token.subject === null) {
    throw BearerError.accessDenied('Only a resource owner may do this', new Refusal('owner_token'));
  }
  return token.subject;
});
