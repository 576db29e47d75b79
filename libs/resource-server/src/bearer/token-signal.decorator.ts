import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { tokenSignalOf } from '../request/judgement.js';

/**
 * Gives a handler the `AbortSignal` of its token, see {@link tokenSignalOf}.
 *
 * @throws Error on a public route, where there is no token
 */
export const TokenSignal = createParamDecorator((_: unknown, context: ExecutionContext): AbortSignal => {
  const signal = tokenSignalOf(context.getArgByIndex(0));
  if (signal === null) throw new Error('@TokenSignal() is used on a public route');
  return signal;
});
