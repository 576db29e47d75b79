import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Problem } from './problem.js';

/** NUL, which PostgreSQL cannot store, and halves of surrogate pairs: nothing has such a name. */
const IMPOSSIBLE = /[\0\p{Surrogate}]/u;

/** Injects a name from the path, decoded: a `client_id` may have slashes and spaces. */
export const PathName = createParamDecorator((parameter: string, context: ExecutionContext): string => {
  const { params } = context.switchToHttp().getRequest<FastifyRequest<{ Params: Record<string, string> }>>();
  const name = params[parameter] ?? '';
  if (name === '' || IMPOSSIBLE.test(name)) throw new Problem(404, 'not_found', 'There is nothing here');
  return name;
});
